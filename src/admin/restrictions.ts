/** Cutting, weighing a cut, and asking for a lift. */

import { z } from 'zod'
import { findApproval } from '../operators/approval-store.ts'
import { Refusal } from '../core/refusal.ts'
import type { Author } from '../restrictions/restriction.ts'
import { impactOf } from '../restrictions/impact-store.ts'
import { findRestriction, listRestrictions, requireActive } from '../restrictions/listing-store.ts'
import { restrict } from '../restrictions/store.ts'
import { withUrl } from './by-person.ts'
import { listOf, newestOf, newestQuery } from './paging.ts'
import { created, ok, route, type AdminRoute, type Caller } from './route.ts'
import {
  applied,
  approval,
  lift,
  listedRestriction,
  restriction,
  restrictionFields,
  selector,
} from './shapes.ts'

const authorOf = ({ operator }: Caller): Author => ({ kind: 'operator', id: operator })

export const restrictionRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/restrictions',
    operation: 'listRestrictions',
    tag: 'restrictions',
    summary: { fr: 'Les restrictions, les plus récentes d’abord', en: 'Restrictions, newest first' },
    query: newestQuery.extend({ state: z.enum(['active', 'all']).default('active') }),
    answers: { 200: listOf(listedRestriction) },
    refusals: [],
    handle: async ({ services, query, head }) => {
      const question = { now: head.at, state: query.state, before: query.before, limit: query.limit + 1 }
      const rows = await listRestrictions(services.db, question)
      return ok(newestOf(rows, query.limit, (row) => row.restriction.sequence))
    },
  }),
  route({
    method: 'get',
    path: '/restrictions/{restriction}',
    operation: 'readRestriction',
    tag: 'restrictions',
    summary: { fr: 'Une restriction et sa levée', en: 'One restriction and its lift' },
    answers: { 200: listedRestriction },
    refusals: ['not_found'],
    handle: async ({ services, id, head }) => {
      const found = await findRestriction(services.db, id('restriction'), head.at)
      if (!found) throw new Refusal('not_found')
      return ok(found)
    },
  }),
  route({
    method: 'post',
    path: '/restrictions/impact',
    operation: 'weighRestriction',
    tag: 'restrictions',
    summary: {
      fr: 'Combien de personnes connectées une coupure toucherait',
      en: 'How many people who are signed in a cut would touch',
    },
    body: z.strictObject({ selector }),
    answers: { 200: z.strictObject({ people: z.int(), sessions: z.int() }) },
    refusals: [],
    handle: async ({ services, body, head }) => ok(await impactOf(services.db, body.selector, head.at)),
  }),
  route({
    method: 'post',
    path: '/restrictions',
    operation: 'restrict',
    tag: 'restrictions',
    summary: { fr: 'Restreindre, tout de suite', en: 'Restrict, at once' },
    body: z.strictObject(restrictionFields),
    answers: { 201: z.strictObject({ restriction, ...applied }) },
    refusals: ['restriction_invalid', 'last_commander'],
    handle: async (call) => {
      const { body, services, head } = call
      return created(await restrict(services, authorOf(call), body, head))
    },
  }),
  route({
    method: 'post',
    path: '/restrictions/{restriction}/lift',
    operation: 'lift',
    tag: 'restrictions',
    summary: {
      fr: 'Lever une restriction : 200 avec une clé d’accès récente ; sinon 202, et un opérateur décide dans la console',
      en: 'Lift a restriction: 200 with a fresh passkey; otherwise 202, and an operator decides in the console',
    },
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    answers: { 200: z.strictObject({ lift, ...applied }) },
    refusals: ['restriction_not_active'],
    loosens: async ({ services, id, body, head }) => {
      const act = { kind: 'lift', restriction: id('restriction'), reason: body.reason } as const
      await requireActive(services.db, act.restriction, head.at)
      return act
    },
  }),
  route({
    method: 'get',
    path: '/approvals/{approval}',
    operation: 'readApproval',
    tag: 'restrictions',
    summary: { fr: 'Où en est une demande', en: 'How a request stands' },
    answers: { 200: approval },
    refusals: ['not_found'],
    handle: async ({ services, id, head }) => {
      const found = await findApproval(services.db, id('approval'), head.at)
      if (!found) throw new Refusal('not_found')
      return ok(withUrl(found, services.config.issuer))
    },
  }),
]
