/** Who is signed in, what the rules found, and what the log says. */

import { z } from 'zod'
import { eventGroups, eventKinds, kindsNamed } from '../audit/event-groups.ts'
import { lastEvents, patientsServed } from '../audit/query-store.ts'
import { Refusal } from '../core/refusal.ts'
import { endSession, findLiveSession, listSessions, sessionLimits } from '../people/session.ts'
import { restrict } from '../restrictions/store.ts'
import { listFindings } from '../risk/finding-store.ts'
import { listOf, newestOf, pageOf, pageQuery } from './paging.ts'
import { ok, route, type AdminRoute } from './route.ts'
import {
  applied,
  at,
  finding,
  idShape,
  loggedEvent,
  patientServed,
  restriction,
  session,
  shownAs,
} from './shapes.ts'

const instant = z.coerce.number().pipe(at)

const whose = z.strictObject({
  practitioner: idShape('practitioner').optional(),
  practice: idShape('practice').optional(),
  session: idShape('session').optional(),
  since: instant.default(0),
  until: instant.optional(),
})

export const readingRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/sessions',
    operation: 'listSessions',
    tag: 'readings',
    summary: { fr: 'Qui est connecté, les plus récents d’abord', en: 'Who is signed in, newest first' },
    query: pageQuery.extend({ practitioner: idShape('practitioner').optional() }),
    answers: { 200: listOf(session) },
    refusals: [],
    handle: async ({ services, query }) => {
      const holder = query.practitioner && { kind: 'practitioner' as const, id: query.practitioner }
      const { items, ...next } = pageOf(await listSessions(services, holder), query, ({ id }) => id)
      return ok({ items: items.map((each) => shownAs(session, each)), ...next })
    },
  }),
  route({
    method: 'post',
    path: '/sessions/{session}/end',
    operation: 'endSession',
    tag: 'readings',
    summary: {
      fr: 'Fermer une session, pour toujours et partout où elle sert',
      en: 'End a session, for ever and wherever it is used',
    },
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    answers: { 200: z.strictObject({ restriction, ...applied }) },
    refusals: ['not_found'],
    handle: async ({ services, id, body, head, operator }) => {
      const ended = await findLiveSession(services, id('session'))
      if (!ended) throw new Refusal('not_found')
      const made = await restrict(
        services,
        { kind: 'operator', id: operator },
        {
          selector: { session: ended.id },
          // The journal is what ends it; the effect itself asks nothing that the end does not.
          effect: { kind: 'step-up' },
          endsSessions: true,
          reason: body.reason,
          expiresAt: head.at + sessionLimits.overallSeconds,
        },
        head,
      )
      await endSession(services, ended, 'operator', head)
      return ok(made)
    },
  }),
  route({
    method: 'get',
    path: '/findings',
    operation: 'listFindings',
    tag: 'readings',
    summary: {
      fr: 'Ce que les règles ont trouvé, le plus récent d’abord',
      en: 'What the rules found, newest first',
    },
    query: z.strictObject({
      limit: pageQuery.shape.limit,
      since: instant.default(0),
      after: idShape('finding').optional(),
    }),
    answers: { 200: listOf(finding) },
    refusals: [],
    handle: async ({ services, query }) => {
      const rows = await listFindings(services.db, { ...query, limit: query.limit + 1 })
      return ok(newestOf(rows, query.limit, ({ id }) => id))
    },
  }),
  route({
    method: 'get',
    path: '/events',
    operation: 'listEvents',
    tag: 'readings',
    summary: {
      fr: 'Les derniers faits du journal, entre deux instants ; tout le journal : garde audit export',
      en: 'The last events of the log, between two times; the whole log: garde audit export',
    },
    query: whose.extend({
      limit: pageQuery.shape.limit,
      /** A group (`refusals`) or one kind of event (`restriction.made`). */
      kind: z.enum([...eventGroups, ...eventKinds]).optional(),
    }),
    answers: { 200: z.strictObject({ items: z.array(loggedEvent) }) },
    refusals: [],
    handle: async ({ services, query: { kind, limit, ...of }, head }) => {
      const filter = { until: head.at, ...of, ...(kind && { kinds: kindsNamed(kind) }) }
      return ok({ items: await lastEvents(services.db, { limit }, filter) })
    },
  }),
  route({
    method: 'get',
    path: '/patients',
    operation: 'listPatientsServed',
    tag: 'readings',
    summary: {
      fr: 'Quels patients, de qui ou de quel cabinet, combien de fois : des pseudonymes. La question est consignée',
      en: 'Which patients, of whom or of which practice, how often: pseudonyms. That it was asked is recorded',
    },
    query: whose
      .extend(pageQuery.shape)
      .refine(
        ({ practitioner, practice, session: one }) => practitioner ?? practice ?? one,
        'name a practitioner, a practice or a session',
      ),
    answers: { 200: listOf(patientServed) },
    refusals: [],
    handle: async ({ services, query, head }) => {
      const { since, until = head.at, limit, after, ...of } = query
      const rows = await patientsServed(services.db, { ...of, since, until }, head)
      return ok(pageOf(rows, { limit, after }, ({ patient }) => patient))
    },
  }),
]
