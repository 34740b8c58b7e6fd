/** OAuth clients: records apps. A new one is set up; changing where an existing one returns to loosens. */

import { z } from 'zod'
import type { ClientId } from '../core/ids.ts'
import { clientShape } from '../clients/client.ts'
import { disableClient, listClients, saveClient } from '../clients/store.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { created, ok, route, type AdminRoute } from './route.ts'
import { client, shownAs } from './shapes.ts'

export const clientRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/clients',
    operation: 'listClients',
    tag: 'clients',
    summary: { fr: 'Les applications', en: 'Clients' },
    needs: 'read',
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
      fr: 'Enregistrer une application ; en modifier une demande une clé d’accès. Le secret n’est montré qu’ici',
      en: 'Register a client; changing one asks for a passkey. The secret is shown here only',
    },
    needs: 'set-up',
    body: clientShape,
    answers: { 201: z.strictObject({ client, secret: z.string().optional() }) },
    refusals: ['fresh_passkey_required'],
    handle: async ({ services, body, head, requireFresh }) => {
      const known = (await listClients(services.db)).some(({ id }) => id === body.id)
      if (known) requireFresh()
      const { client: saved, ...secret } = await saveClient(services, head, body)
      return created({ client: shownAs(client, saved), ...secret })
    },
  }),
  route({
    method: 'post',
    path: '/clients/{client}/disable',
    operation: 'disableClient',
    tag: 'clients',
    summary: { fr: 'Désactiver une application', en: 'Disable a client' },
    needs: 'tighten',
    answers: { 200: z.strictObject({ disabled: z.string() }) },
    refusals: ['client_unknown'],
    handle: async ({ services, id, head }) => {
      const disabled: ClientId = id('client')
      await disableClient(services, head, disabled)
      return ok({ disabled })
    },
  }),
]
