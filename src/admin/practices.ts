/** Practices: the tenants. */

import type { PracticeId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import {
  createPractice,
  findPractice,
  listPractices,
  newPractice,
  practiceChange,
  updatePractice,
  type Practice,
} from '../people/practices.ts'
import type { Services } from '../services.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { created, ok, route, type AdminRoute } from './route.ts'
import { practice } from './shapes.ts'

export const practiceRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/practices',
    operation: 'listPractices',
    tag: 'practices',
    summary: { fr: 'Les cabinets, par nom', en: 'Practices, by name' },
    query: pageQuery,
    answers: { 200: listOf(practice) },
    refusals: [],
    handle: async ({ services, query }) => ok(pageOf(await listPractices(services), query, ({ id }) => id)),
  }),
  route({
    method: 'post',
    path: '/practices',
    operation: 'createPractice',
    tag: 'practices',
    summary: { fr: 'Créer un cabinet', en: 'Create a practice' },
    body: newPractice,
    answers: { 201: practice },
    refusals: ['conflict'],
    handle: async ({ services, body, head }) => created(await createPractice(services, body, head)),
  }),
  route({
    method: 'patch',
    path: '/practices/{practice}',
    operation: 'changePractice',
    tag: 'practices',
    summary: {
      fr: 'Modifier un cabinet ; rouvrir la connexion par mot de passe demande une clé d’accès',
      en: 'Change a practice; opening sign-in by password again asks for a passkey',
    },
    body: practiceChange,
    answers: { 200: practice },
    refusals: ['not_found'],
    loosens: async ({ services, id, body }) => {
      const before = await requirePractice(services, id('practice'))
      return body.secretSignIn === true && !before.secretSignIn
        ? { kind: 'change-practice', practice: before.id, change: body }
        : undefined
    },
    handle: async ({ services, id, body, head }) =>
      ok(await updatePractice(services, id('practice'), body, head)),
  }),
]

async function requirePractice(services: Services, id: PracticeId): Promise<Practice> {
  const found = await findPractice(services, id)
  if (!found) throw new Refusal('not_found', { practice: id })
  return found
}
