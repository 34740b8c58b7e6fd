/** Cutting, weighing a cut, and asking for a lift. */

import { z } from 'zod'
import { isFresh } from '../operators/fresh-passkey.ts'
import { findApproval, requestLift, type Approval } from '../operators/approval-store.ts'
import { Refusal } from '../core/refusal.ts'
import type { Author } from '../restrictions/restriction.ts'
import { impactOf } from '../restrictions/impact-store.ts'
import { findRestriction, listRestrictions } from '../restrictions/listing-store.ts'
import { lift as liftRestriction, restrict } from '../restrictions/store.ts'
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

const withUrl = (asked: Approval, issuer: string) => ({
  ...asked,
  url: `${issuer}/console/approvals/${asked.id}`,
})

export const restrictionRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/restrictions',
    operation: 'listRestrictions',
    tag: 'restrictions',
    summary: { fr: 'Les restrictions, les plus récentes d’abord', en: 'Restrictions, newest first' },
    needs: 'read',
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
    needs: 'read',
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
    needs: 'read',
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
    needs: 'tighten',
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
    needs: 'tighten',
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    answers: { 200: z.strictObject({ lift, ...applied }), 202: approval },
    refusals: ['restriction_not_active', 'too_many_open'],
    handle: async (call) => {
      const { services, id, body, head, session } = call
      const asked = { restriction: id('restriction'), reason: body.reason }
      if (session && isFresh(session, head.at))
        return ok(await liftRestriction(services, authorOf(call), asked, head))
      const waiting = await requestLift(services, asked, head)
      return { status: 202, body: withUrl(waiting, services.config.issuer) }
    },
  }),
  route({
    method: 'get',
    path: '/approvals/{approval}',
    operation: 'readApproval',
    tag: 'restrictions',
    summary: { fr: 'Où en est une demande', en: 'How a request stands' },
    needs: 'read',
    answers: { 200: approval },
    refusals: ['not_found'],
    handle: async ({ services, id, head }) => {
      const found = await findApproval(services.db, id('approval'), head.at)
      if (!found) throw new Refusal('not_found')
      return ok(withUrl(found, services.config.issuer))
    },
  }),
]
