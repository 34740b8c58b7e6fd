/** Applications: all of them, and everything about one, with what to copy into the program itself. */

import { html } from 'hono/html'
import type { Refused } from '../../audit/refusals-store.ts'
import { refusalRow } from '../../core/refusal.ts'
import { profileRow } from '../../clients/profiles.ts'
import type { Offer } from '../../clients/recipes/recipe.ts'
import { whyWords } from '../../clients/recipes/recipe.ts'
import { includesScope } from '../../clients/scope.ts'
import type { Client, ClientOptions } from '../../clients/client.ts'
import type { ClientUse } from '../../grants/use-store.ts'
import { badge, card, code, definitions, emptyState, screenHead, table } from '../../ui/components.ts'
import { linkButton } from '../../ui/forms.ts'
import { codeBlock } from '../../ui/code-block.ts'
import type { Content, Markup } from '../../ui/layout.ts'
import { time } from '../../ui/time.ts'
import { consolePage, nameOf, type ConsoleFrame } from '../pages.ts'
import { clientTexts, type ClientTexts } from './texts.ts'

export interface ListedClient {
  client: Client
  use: ClientUse
}

export const clientAddress = (id: string): string => `/console/clients/${encodeURIComponent(id)}`

export function clientsPage(frame: ConsoleFrame, listed: readonly ListedClient[]): Markup {
  const texts = clientTexts[frame.language]
  return consolePage(frame, {
    title: texts.title,
    section: 'clients',
    content: [
      screenHead(
        texts.title,
        texts.lead,
        html`<div class="row">
          ${linkButton('/console/check', texts.check)}
          ${linkButton('/console/register', texts.register, 'primary')}
        </div>`,
      ),
      card({
        content: table({
          caption: texts.title,
          captionHidden: true,
          columns: [
            texts.name,
            texts.profile,
            texts.practice,
            texts.lastGrant,
            { label: texts.alive, numeric: true },
            texts.state,
          ],
          rows: listed.map((each) => listRow(frame, each, texts)),
          empty: texts.none,
        }),
      }),
    ],
  })
}

const listRow = (frame: ConsoleFrame, { client, use }: ListedClient, texts: ClientTexts): Content[] => [
  html`<a href="${clientAddress(client.id)}">${client.name}</a><br /><span class="hint">${client.id}</span>`,
  html`${client.profile}<br /><span class="hint">${texts.profiles[client.profile]}</span>`,
  client.practice === undefined ? texts.everywhere : nameOf(frame.names)(client.practice),
  use.lastAt === undefined ? texts.never : time(use.lastAt, frame.now, frame.language),
  String(use.alive),
  stateBadges(client, texts),
]

const stateBadges = (client: Client, texts: ClientTexts): Markup =>
  html`${client.disabledAt === undefined ? badge(texts.inUse, 'good') : badge(texts.disabled, 'danger')}
  ${client.firstParty && badge(texts.firstParty, 'info')}
  ${dangers(client.options).length > 0 && badge(texts.dangerous, 'danger')}`

export interface ClientState extends ListedClient {
  /** Names of the APIs it reaches. */
  apis: readonly string[]
  offers: readonly Offer[]
  /** To people who were signed in, the newest first. */
  refusals: readonly Refused[]
}

export function clientPage(frame: ConsoleFrame, shown: ClientState): Markup {
  const texts = clientTexts[frame.language]
  const { client } = shown
  return consolePage(frame, {
    title: client.name,
    section: 'clients',
    scripts: ['copy'],
    content: [
      screenHead(
        client.name,
        html`${code(client.id)} · ${client.profile}${' '}${stateBadges(client, texts)}`,
        clientActs(client, texts),
      ),
      html`<div class="desk desk-even">
        <div class="stack">
          ${card({ id: 'may', title: texts.may, lead: texts.mayLead, content: abilities(frame, shown, texts) })}
          ${card({
            id: 'addresses',
            title: texts.addresses,
            lead: texts.addressesLead,
            content: definitions([
              [texts.returnAddresses, addressList(client.redirectUris, texts)],
              [texts.leaveAddresses, addressList(client.postLogoutRedirectUris, texts)],
            ]),
          })}
          ${card({ id: 'use', title: texts.grants, content: use(frame, shown, texts) })}
        </div>
        <div class="stack">
          ${card({
            id: 'rules',
            title: texts.rules,
            lead: texts.rulesLead(client.profile),
            content: definitions(rules(client, texts)),
          })}
          ${card({ id: 'options', title: texts.options, content: options(client.options, texts) })}
          ${card({ id: 'keys', title: texts.keys, lead: texts.keysLead, content: keys(client.options, texts) })}
        </div>
      </div>`,
      card({
        id: 'refusals',
        title: texts.refusals,
        lead: texts.refusalsLead,
        content: refusals(frame, shown, texts),
      }),
      configurations(frame, shown, texts),
    ],
  })
}

const clientActs = ({ id, disabledAt }: Client, texts: ClientTexts): Markup =>
  html`<div class="row">
    ${linkButton(`/console/check?client=${encodeURIComponent(id)}`, texts.check, 'quiet')}
    ${linkButton(`/console/cut?scope=client&target=${encodeURIComponent(id)}`, texts.cut)}
    ${disabledAt === undefined && linkButton(`${clientAddress(id)}/edit`, texts.change)}
    ${disabledAt === undefined && linkButton(`${clientAddress(id)}/disable`, texts.disable)}
  </div>`

function abilities(frame: ConsoleFrame, { client, apis }: ClientState, texts: ClientTexts): Markup {
  const { abilities: words } = texts
  const has = (type: Client['grantTypes'][number]) => client.grantTypes.includes(type)
  const people = has('authorization_code')
  const scope = client.scopes.join(' ')
  const sentences = [
    people && words.people,
    people && (client.firstParty ? words.consentSkipped : words.consentAsked),
    has('refresh_token') && includesScope(scope, 'offline_access') && words.offline,
    has('client_credentials') && words.service(nameOf(frame.names)(client.practice ?? '')),
    has('urn:ietf:params:oauth:grant-type:device_code') && words.device,
    has('urn:ietf:params:oauth:grant-type:token-exchange') && words.exchange,
    apis.length > 0 ? words.apis(apis.join(', ')) : words.noApi,
    words.reads(client.scopes.join(', ')),
  ]
  return html`<ul class="sentences">
    ${sentences.filter((sentence) => sentence !== false).map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`
}

const addressList = (addresses: readonly string[], texts: ClientTexts): Content =>
  addresses.length === 0
    ? texts.noAddresses
    : html`<ul class="addresses">
        ${addresses.map((address) => html`<li>${code(address)}</li>`)}
      </ul>`

function rules({ profile, authentication }: Client, texts: ClientTexts): [string, Content][] {
  const row = profileRow(profile)
  const { ruleNames: names } = texts
  return [
    [names.authentication, authentication.map((method) => texts.authentications[method]).join(', ')],
    [names.pkce, texts.pkce[row.pkce]],
    [names.pushed, texts.pushed[row.pushedRequests]],
    [names.dpop, texts.dpop[row.dpop]],
    [names.refresh, texts.refresh[row.refresh]],
    [names.algorithms, row.algorithms.join(', ')],
    [names.idToken, row.idTokenAlgorithms.join(', ')],
    [names.lifetime, texts.lifetime],
  ]
}

/** What weakens everybody who signs in through it. */
const dangerousOptions: readonly (keyof ClientOptions)[] = ['allowMissingPkce']
const dangers = (given: ClientOptions): (keyof ClientOptions)[] =>
  dangerousOptions.filter((name) => given[name] === true)

function options(given: ClientOptions, texts: ClientTexts): Markup {
  const names = (Object.keys(texts.optionNames) as (keyof ClientOptions)[]).filter(
    (name) => name !== 'jwks' && given[name] !== undefined && given[name] !== false,
  )
  if (names.length === 0) return emptyState(texts.noOptions)
  return definitions(
    names.map((name) => [
      texts.optionNames[name],
      html`${optionValue(given[name], texts)}${' '}${dangerousOptions.includes(name) && badge(texts.dangerous, 'danger')}`,
    ]),
  )
}

const optionValue = (value: unknown, texts: ClientTexts): Content => {
  if (value === true) return texts.yes
  if (Array.isArray(value)) return value.map(String).join(', ')
  return code(typeof value === 'string' ? value : JSON.stringify(value))
}

function keys({ jwks, jwksUri }: ClientOptions, texts: ClientTexts): Markup {
  if (jwksUri !== undefined) return html`<p>${texts.keysAt(jwksUri)}</p>`
  if (!jwks) return emptyState(texts.noKeys)
  return table({
    caption: texts.keys,
    captionHidden: true,
    columns: [texts.kid, texts.algorithm],
    rows: jwks.keys.map((key) => [code(String(key['kid'])), keyKind(key)]),
    empty: texts.noKeys,
  })
}

const keyKind = ({ kty, crv, alg }: Record<string, unknown>): string =>
  [kty, crv, alg]
    .filter((part) => typeof part === 'string')
    .map(String)
    .join(' · ')

const use = (frame: ConsoleFrame, { client, use: its }: ClientState, texts: ClientTexts): Markup =>
  definitions([
    [texts.alive, String(its.alive)],
    [texts.lastGrant, its.lastAt === undefined ? texts.never : time(its.lastAt, frame.now, frame.language)],
    [texts.since, time(client.createdAt, frame.now, frame.language)],
  ])

const configurations = (frame: ConsoleFrame, { offers: offered }: ClientState, texts: ClientTexts): Markup =>
  card({
    id: 'configure',
    title: texts.configure,
    lead: texts.configureLead,
    content: html`<ul class="blocks">
      ${offersFirst(offered).map(
        (each) =>
          html`<li class="block">
            ${
              'why' in each
                ? html`<p><b>${each.title}</b></p>
                    <p class="hint">${whyWords(each, frame.language)}</p>`
                : html`<details class="fold">
                    <summary><b>${each.title}</b> <span class="hint">${each.file}</span></summary>
                    ${codeBlock({ id: `recipe-${each.name}`, label: each.title, text: each.text, copy: texts.copy, copied: texts.copied })}
                  </details>`
            }
          </li>`,
      )}
    </ul>`,
  })

/** What can be used stands above what cannot. */
const offersFirst = (offered: readonly Offer[]): Offer[] =>
  offered.toSorted((a, b) => Number('why' in a) - Number('why' in b))

const refusals = (frame: ConsoleFrame, { refusals: refused }: ClientState, texts: ClientTexts): Markup =>
  table({
    caption: texts.refusals,
    captionHidden: true,
    columns: [texts.when, texts.reason, texts.who],
    rows: refused.map(({ at, reason, actor }) => [
      time(at, frame.now, frame.language),
      html`${refusalRow(reason)[frame.language]} ${code(reason)}`,
      'id' in actor ? nameOf(frame.names)(actor.id) : actor.kind,
    ]),
    empty: texts.noRefusals,
  })
