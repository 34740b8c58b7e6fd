/** Registering, changing and disabling an application. */

import { html } from 'hono/html'
import type { Client } from '../../clients/client.ts'
import { profileNames } from '../../clients/profiles.ts'
import { card, notice, screenHead } from '../../ui/components.ts'
import { button, checkbox, field, form, linkButton, select, textArea } from '../../ui/forms.ts'
import type { Content, Markup } from '../../ui/layout.ts'
import { clientAddress } from '../clients/pages.ts'
import { consolePage, type ConsoleFrame } from '../pages.ts'
import type { Faults, Sent } from './input.ts'
import { editTexts, type EditTexts } from './texts.ts'

export interface EditState {
  /** What is registered; absent for a new one. */
  before?: Client
  sent: Sent
  faults?: Faults
  practices: readonly { id: string; name: string }[]
  /** Audiences served now. */
  served: readonly string[]
  idTokenAlgorithms: readonly string[]
}

export function editPage(frame: ConsoleFrame, state: EditState): Markup {
  const texts = editTexts[frame.language]
  const { before } = state
  const title = before ? texts.change(before.name) : texts.register
  return consolePage(frame, {
    title,
    section: 'clients',
    content: [
      screenHead(title, before ? texts.changeLead : texts.registerLead),
      state.faults && notice({ tone: 'danger', role: 'alert', title: texts.faults }),
      card({
        content: form({
          action: before ? `${clientAddress(before.id)}/edit` : '/console/register',
          content: [
            ...identity(state, texts),
            ...addresses(state, texts),
            ...optionFields(state, texts),
            foot(state, texts),
          ],
        }),
      }),
      before?.secretHash !== undefined && newSecret(before, texts),
    ],
  })
}

const foot = ({ before }: EditState, texts: EditTexts): Content =>
  html`<p class="row">
    ${button({ label: texts.save })}
    ${linkButton(before ? clientAddress(before.id) : '/console/clients', texts.cancel, 'quiet')}
  </p>`

function identity({ before, sent, faults = {}, practices }: EditState, texts: EditTexts): Content[] {
  return [
    !before &&
      field({
        name: 'id',
        label: texts.id,
        hint: texts.idHint,
        value: sent.id,
        maxlength: 80,
        spellcheck: false,
        problem: faults['id'],
      }),
    field({
      name: 'name',
      label: texts.name,
      hint: texts.nameHint,
      value: sent.name,
      maxlength: 80,
      required: true,
      problem: faults['name'],
    }),
    select({
      name: 'profile',
      label: texts.profile,
      value: sent.profile,
      problem: faults['profile'],
      options: profileNames.map((value) => ({ value, label: texts.profiles[value] ?? value })),
    }),
    checkbox({
      name: 'firstParty',
      label: texts.firstParty,
      hint: texts.firstPartyHint,
      checked: sent.firstParty === 'yes',
    }),
    select({
      name: 'practice',
      label: texts.practice,
      hint: texts.practiceHint,
      value: sent.practice,
      problem: faults['practice'],
      options: [
        { value: '', label: texts.noPractice },
        ...practices.map(({ id, name }) => ({ value: id, label: name })),
      ],
    }),
  ]
}

const addresses = ({ sent, faults = {}, served }: EditState, texts: EditTexts): Content[] => [
  textArea({
    name: 'redirectUris',
    label: texts.redirectUris,
    hint: texts.redirectUrisHint,
    value: sent.redirectUris,
    problem: faults['redirectUris'],
  }),
  textArea({
    name: 'postLogoutRedirectUris',
    label: texts.postLogoutRedirectUris,
    hint: texts.redirectUrisHint,
    value: sent.postLogoutRedirectUris,
    rows: 2,
    problem: faults['postLogoutRedirectUris'],
  }),
  textArea({
    name: 'scopes',
    label: texts.scopes,
    hint: texts.scopesHint,
    value: sent.scopes,
    rows: 2,
    required: true,
    problem: faults['scopes'],
  }),
  textArea({
    name: 'resources',
    label: texts.resources,
    hint: texts.resourcesHint(served.join(', ') || texts.noneServed),
    value: sent.resources,
    rows: 2,
    problem: faults['resources'],
  }),
]

const optionFields = ({ sent, faults = {}, idTokenAlgorithms }: EditState, texts: EditTexts): Content[] => [
  html`<h2>${texts.options}</h2>`,
  checkbox({
    name: 'dpopRequired',
    label: texts.dpopRequired,
    checked: sent.dpopRequired === 'yes',
    problem: faults['dpopRequired'],
  }),
  checkbox({
    name: 'pushedRequestsOnly',
    label: texts.pushedRequestsOnly,
    checked: sent.pushedRequestsOnly === 'yes',
    problem: faults['pushedRequestsOnly'],
  }),
  select({
    name: 'idTokenAlgorithm',
    label: texts.idTokenAlgorithm,
    value: sent.idTokenAlgorithm,
    problem: faults['idTokenAlgorithm'],
    options: [
      { value: '', label: texts.usual },
      ...idTokenAlgorithms.map((value) => ({ value, label: value })),
    ],
  }),
  field({
    name: 'backchannelLogoutUri',
    label: texts.backchannelLogoutUri,
    value: sent.backchannelLogoutUri,
    maxlength: 500,
    spellcheck: false,
    problem: faults['backchannelLogoutUri'],
  }),
  field({
    name: 'defaultMaxAge',
    label: texts.defaultMaxAge,
    value: sent.defaultMaxAge,
    inputmode: 'numeric',
    maxlength: 5,
    problem: faults['defaultMaxAge'],
  }),
  field({
    name: 'jwksUri',
    label: texts.jwksUri,
    value: sent.jwksUri,
    maxlength: 2000,
    spellcheck: false,
    problem: faults['jwksUri'] ?? faults['jwks'],
  }),
]

const newSecret = ({ id }: Client, texts: EditTexts): Markup =>
  card({
    id: 'secret',
    title: texts.newSecret,
    lead: texts.newSecretLead,
    content: form({
      action: `${clientAddress(id)}/secret`,
      content: html`<p>${button({ label: texts.makeSecret, kind: 'plain' })}</p>`,
    }),
  })

export interface DisableState {
  client: Client
  alive: number
  problem?: true
}

export function disablePage(frame: ConsoleFrame, { client, alive, problem }: DisableState): Markup {
  const texts = editTexts[frame.language]
  return consolePage(frame, {
    title: texts.disableTitle(client.name),
    section: 'clients',
    content: [
      screenHead(texts.disableTitle(client.name), texts.disableLead(alive)),
      card({
        content: form({
          action: `${clientAddress(client.id)}/disable`,
          content: [
            field({
              name: 'typed',
              label: texts.disableTyped(client.id),
              required: true,
              maxlength: 80,
              autocomplete: 'off',
              spellcheck: false,
              problem: problem && texts.disableWrong,
            }),
            html`<p class="row">
              ${button({ label: texts.disableNow, kind: 'danger' })}
              ${linkButton(clientAddress(client.id), texts.cancel, 'quiet')}
            </p>`,
          ],
        }),
      }),
    ],
  })
}

/** The answer to a registration: the secret stands here and nowhere else. */
export function registeredPage(frame: ConsoleFrame, client: Client, secret: string): Markup {
  const texts = editTexts[frame.language]
  return consolePage(frame, {
    title: client.name,
    section: 'clients',
    content: [
      screenHead(client.name, client.id),
      notice({
        tone: 'good',
        role: 'status',
        title: texts.secretOnce,
        content: html`<p><code>${secret}</code></p>
          <p>${linkButton(clientAddress(client.id), texts.saved)}</p>`,
      }),
    ],
  })
}
