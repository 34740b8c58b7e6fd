/** GET /console: who is signed in, what is restricted, what was found. */

import type { Hono } from 'hono'
import { patientsSince } from '../../audit/activity-store.ts'
import { parseId, type OperatorId, type PractitionerId } from '../../core/ids.ts'
import { days } from '../../core/time.ts'
import { listAdminTokens, revokeAdminToken } from '../../operators/admin-token-store.ts'
import { listOpenApprovals } from '../../operators/approval-store.ts'
import { listResolutions } from '../../operators/resolution-store.ts'
import { openSeats, searchPractitioners } from '../../people/directory-store.ts'
import { listSessions } from '../../people/session.ts'
import { requireOperator } from '../../people/session-cookie.ts'
import { listRestrictions } from '../../restrictions/listing-store.ts'
import { requireActing } from '../../restrictions/store.ts'
import { listFindings } from '../../risk/finding-store.ts'
import type { Services } from '../../services.ts'
import { startOfDay } from '../../ui/time.ts'
import type { Env } from '../../web.ts'
import { deskAuthor, deskFrame, deskHead } from '../desk-routes.ts'
import { idsOfListed } from '../ids.ts'
import { nameOf, type Names } from '../pages.ts'
import { nowPage, type Now, type SignedIn } from './pages.ts'

export function addNowRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console', async (c) => {
    const query = (c.req.query('q') ?? '').trim().slice(0, 80)
    const now = await lookNow(services, query, requireOperator(c).holder.id)
    const frame = await deskFrame(services, c, idsOf(now))
    const signedIn = now.signedIn.filter((row) => matches(row, query, frame.names))
    return c.html(nowPage(frame, { ...now, signedIn }))
  })

  routes.post('/console/admin-tokens/:id/revoke', async (c) => {
    requireActing(services, deskAuthor(c), services.clock.now())
    await revokeAdminToken(services.db, parseId('adminToken', c.req.param('id')), deskHead(c))
    return c.redirect('/console', 303)
  })
}

async function lookNow(services: Services, query: string, operator: OperatorId): Promise<Now> {
  const { db, clock } = services
  const at = clock.now()
  const [sessions, found, listed, findings, approvals, namings, adminTokens, patients] = await Promise.all([
    listSessions(services),
    query === '' ? [] : searchPractitioners(db, query),
    listRestrictions(db, { now: at, withoutOwn: true }),
    listFindings(db, { since: at - days(1), limit: 50 }),
    listOpenApprovals(db, at),
    listResolutions(db, at),
    listAdminTokens(db, at),
    patientsSince(db, startOfDay(at)),
  ])
  const people = sessions.flatMap(({ holder }) => (holder.kind === 'practitioner' ? [holder.id] : []))
  const seats = await openSeats(db, [...new Set([...people, ...found])], at)
  const seatsOf = (id: PractitionerId) => seats.get(id) ?? []
  return {
    signedIn: sessions.map(({ id, holder, startedAt, lastActiveAt, network, userAgent }) => ({
      session: id,
      holder,
      startedAt,
      lastActiveAt,
      network,
      userAgent,
      memberships: holder.kind === 'practitioner' ? seatsOf(holder.id) : [],
      ...(holder.kind === 'practitioner' && { patientsToday: patients.get(holder.id) ?? 0 }),
    })),
    restrictions: listed.map(({ restriction }) => restriction),
    findings,
    approvals,
    // Who asked can only read; the others can only open.
    namings: namings.filter(({ askedBy, state }) => (askedBy === operator) === (state === 'answered')),
    adminTokens,
    ...(query !== '' && {
      search: { query, found: found.map((id) => ({ id, memberships: seatsOf(id) })) },
    }),
  }
}

const idsOf = ({ signedIn, restrictions, findings, namings, adminTokens, search }: Now): string[] => [
  ...namings.map(({ askedBy }) => askedBy),
  ...adminTokens.map(({ operator }) => operator),
  ...signedIn.flatMap(({ holder, memberships }) => [
    holder.id,
    ...memberships.map(({ practice }) => practice),
  ]),
  ...restrictions.flatMap((restriction) => idsOfListed({ restriction, state: 'active' })),
  ...findings.flatMap(({ practitioner }) => (practitioner ? [practitioner] : [])),
  ...(search?.found.flatMap(({ id, memberships }) => [id, ...memberships.map(({ practice }) => practice)]) ??
    []),
]

/** Letters as people type them: without case and accents. */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

function matches({ holder, memberships, network }: SignedIn, query: string, names: Names): boolean {
  const words = [holder.id, ...memberships.map(({ practice }) => practice)].map(nameOf(names))
  return [...words, network].some((text) => plain(text).includes(plain(query)))
}
