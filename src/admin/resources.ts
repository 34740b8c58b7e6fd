/** Protected APIs. A new one is set up; what opens more than there is loosens. */

import { resourceShape } from '../resources/resource.ts'
import { opensMore } from '../resources/widening.ts'
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
      fr: 'Protéger une API ; en modifier une, ou en ouvrir une seconde sur le même hôte, demande une clé d’accès',
      en: 'Protect an API; changing one, or adding a second one, asks for a passkey',
    },
    body: resourceShape,
    answers: { 201: resource },
    refusals: ['conflict'],
    loosens: ({ services, body }) =>
      opensMore(services.resources.all(), body) ? { kind: 'save-resource', resource: body } : undefined,
    handle: async ({ services, body, head }) => created(await saveResource(services, head, body)),
  }),
]
