/** Protected APIs. A new one is set up; changing where an existing one leads loosens. */

import { resourceShape } from '../resources/resource.ts'
import { saveResource } from '../resources/store.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { created, ok, route, type AdminRoute } from './route.ts'
import { resource } from './shapes.ts'

export const resourceRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/resources',
    operation: 'listResources',
    tag: 'resources',
    summary: { fr: 'Les API protégées', en: 'Protected APIs' },
    needs: 'read',
    query: pageQuery,
    answers: { 200: listOf(resource) },
    refusals: [],
    handle: async ({ services, query }) => ok(pageOf(services.resources.all(), query, ({ name }) => name)),
  }),
  route({
    method: 'post',
    path: '/resources',
    operation: 'saveResource',
    tag: 'resources',
    summary: {
      fr: 'Protéger une API ; en modifier une demande une clé d’accès',
      en: 'Protect an API; changing one asks for a passkey',
    },
    needs: 'set-up',
    body: resourceShape,
    answers: { 201: resource },
    refusals: ['conflict', 'fresh_passkey_required'],
    handle: async ({ services, body, head, requireFresh }) => {
      if (services.resources.all().some(({ name }) => name === body.name)) requireFresh()
      return created(await saveResource(services, head, body))
    },
  }),
]
