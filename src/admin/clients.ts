/** OAuth clients: records apps. A new one is set up; one that skips consent, or gets wider, loosens. */

import { z } from 'zod'
import { idPattern, type ClientId } from '../core/ids.ts'
import type { Language } from '../core/language.ts'
import { isSound, type Checked } from '../clients/check/finding.ts'
import { sayFinding } from '../clients/check/texts.ts'
import { clientShape, type Client } from '../clients/client.ts'
import { whyWords } from '../clients/recipes/recipe.ts'
import { offers } from '../clients/recipes/targets.ts'
import { widens } from '../clients/widening.ts'
import { disableClient, findRegistered, listClients, saveClient } from '../clients/store.ts'
import { Refusal } from '../core/refusal.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { created, ok, route, type AdminRoute } from './route.ts'
import type { Services } from '../services.ts'
import { checkedAddress, client, configuration, shownAs } from './shapes.ts'

export const clientRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/clients',
    operation: 'listClients',
    tag: 'clients',
    summary: { fr: 'Les applications', en: 'Clients' },
    query: pageQuery,
    answers: { 200: listOf(client) },
    refusals: [],
    handle: async ({ services, query }) => {
      const { items, ...next } = pageOf(await listClients(services.db), query, ({ id }) => id)
      return ok({ items: items.map((each) => shownAs(client, each)), ...next })
    },
  }),
  route({
    method: 'post',
    path: '/clients',
    operation: 'saveClient',
    tag: 'clients',
    summary: {
      fr: 'Enregistrer ou restreindre une application ; l’élargir demande une clé d’accès. Le secret n’est montré qu’une fois',
      en: 'Register or narrow a client; widening one asks for a passkey. The secret is shown once only',
    },
    body: clientShape,
    answers: { 201: z.strictObject({ client, secret: z.string().optional() }) },
    refusals: ['conflict'],
    loosens: async ({ services, body }) => {
      const before = (await listClients(services.db)).find(({ id }) => id === body.id)
      return widens(before, body) ? { kind: 'save-client', client: body } : undefined
    },
    handle: async ({ services, body, head }) => {
      // Weighed again where it is saved: somebody may have saved the same client since.
      const { client: saved, ...secret } = await saveClient(services, head, body, 'narrow')
      return created({ client: shownAs(client, saved), ...secret })
    },
  }),
  route({
    method: 'get',
    path: '/clients/{client}',
    operation: 'readClient',
    tag: 'clients',
    summary: { fr: 'Une application', en: 'One client' },
    answers: { 200: client },
    refusals: ['client_unknown'],
    handle: async ({ services, id }) => ok(shownAs(client, await requireRegistered(services, id('client')))),
  }),
  route({
    method: 'get',
    path: '/clients/{client}/configurations',
    operation: 'listConfigurations',
    tag: 'clients',
    summary: {
      fr: 'Ce qu’il faut copier dans un programme pour qu’il connecte ici, sans secret',
      en: 'What to copy into a program so that it signs people in here, without secrets',
    },
    answers: { 200: listOf(configuration) },
    refusals: ['client_unknown'],
    handle: async ({ services, protocol, language, id }) => {
      const found = await requireRegistered(services, id('client'))
      const { issuer } = services.config
      const offered = offers(found, { issuer, ...protocol, resources: services.resources.all() })
      return ok({
        items: offered.map(({ name, title, file, ...each }) => ({
          name,
          title,
          file,
          ...('why' in each ? { why: whyWords(each, language) } : each),
        })),
      })
    },
  }),
  route({
    method: 'post',
    path: '/clients/check',
    operation: 'checkAddress',
    tag: 'clients',
    summary: {
      fr: 'Pourquoi l’adresse d’une demande, ou de retour, est refusée ; elle n’est ni suivie ni gardée',
      en: 'Why the address of a request, or a return address, is refused; it is neither followed nor kept',
    },
    body: z.strictObject({
      address: z.string().min(1).max(10_000),
      client: z.string().regex(idPattern('client')).optional(),
    }),
    answers: { 200: checkedAddress },
    refusals: [],
    handle: async ({ protocol, language, body }) =>
      ok(saidOf(await protocol.explain(body.address, body.client as ClientId | undefined), language)),
  }),
  route({
    method: 'post',
    path: '/clients/{client}/disable',
    operation: 'disableClient',
    tag: 'clients',
    summary: { fr: 'Désactiver une application', en: 'Disable a client' },
    answers: { 200: z.strictObject({ disabled: z.string() }) },
    refusals: ['client_unknown'],
    handle: async ({ services, id, head }) => {
      const disabled: ClientId = id('client')
      await disableClient(services, head, disabled)
      return ok({ disabled })
    },
  }),
]

async function requireRegistered({ db }: Services, id: ClientId): Promise<Client> {
  const found = await findRegistered(db, id)
  if (!found) throw new Refusal('client_unknown')
  return found
}

/** In sentences: the values behind them are the desk's. */
const saidOf = (checked: Checked, language: Language) => ({
  sound: isSound(checked),
  ...(checked.client !== undefined && { client: checked.client }),
  faults: [
    ...checked.findings.map((finding) => ({ says: sayFinding(finding, language) })),
    ...checked.parameters.flatMap(({ name, findings }) =>
      findings.map((finding) => ({ parameter: name, says: sayFinding(finding, language) })),
    ),
  ],
})
