/** Practices: the tenants. */

import { Refusal } from '../core/refusal.ts'
import {
  createPractice,
  findPractice,
  listPractices,
  newPractice,
  practiceChange,
  updatePractice,
} from '../people/practices.ts'
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
    needs: 'read',
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
    needs: 'set-up',
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
    needs: 'set-up',
    body: practiceChange,
    answers: { 200: practice },
    refusals: ['not_found', 'fresh_passkey_required'],
    handle: async ({ services, id, body, head, requireFresh }) => {
      const before = await findPractice(services, id('practice'))
      if (!before) throw new Refusal('not_found', { practice: id('practice') })
      if (body.secretSignIn === true && !before.secretSignIn) requireFresh()
      return ok(await updatePractice(services, before.id, body, head))
    },
  }),
]
