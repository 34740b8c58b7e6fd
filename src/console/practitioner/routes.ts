/** GET /console/practitioners/{id}: what the log says of one practitioner. */

import type { Hono } from 'hono'
import { patientsByDay } from '../../audit/activity-store.ts'
import { parseId, type PracticeId, type PractitionerId, type SessionId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import { days, type Seconds } from '../../core/time.ts'
import { listMemberships } from '../../people/memberships.ts'
import { findPractitioner } from '../../people/practitioners.ts'
import { listSessions } from '../../people/session.ts'
import { listRestrictions } from '../../restrictions/listing-store.ts'
import type { Selector } from '../../restrictions/restriction.ts'
import type { Services } from '../../services.ts'
import { dayOf, startOfDay } from '../../ui/time.ts'
import type { Env } from '../../web.ts'
import { deskFrame } from '../desk-routes.ts'
import { rowOf } from '../events/row.ts'
import { idsOfShown, listRows } from '../events/rows.ts'
import { idsOfRestriction } from '../ids.ts'
import { practitionerPage, type PatientDay } from './pages.ts'

const shownDays = 14
const shownEvents = 30

export function addPractitionerRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/practitioners/:id', async (c) => {
    const id = parseId('practitioner', c.req.param('id'))
    const person = await findPractitioner(services, id)
    if (!person) throw new Refusal('not_found', { practitioner: id })
    const now = services.clock.now()
    const memberships = await listMemberships(services, { practitioner: id })
    const sessions = await listSessions(services, { kind: 'practitioner', id })
    const scope = {
      practitioner: id,
      practices: memberships.map(({ practice }) => practice),
      sessions: sessions.map((session) => session.id),
    }
    const listed = await listRestrictions(services.db, { now, withoutOwn: true })
    const restrictions = listed
      .map(({ restriction }) => restriction)
      .filter(({ selector }) => concerns(selector, scope))
    const { shown } = await listRows(services.db, {
      view: 'summary',
      practitioner: id,
      since: now - days(30),
    })
    const last = shown.slice(0, shownEvents)
    const frame = await deskFrame(services, c, [
      id,
      ...scope.practices,
      ...idsOfShown(last),
      ...restrictions.flatMap(idsOfRestriction),
    ])
    return c.html(
      practitionerPage(frame, {
        id,
        email: person.email,
        memberships,
        sessions,
        restrictions,
        days: await lastDays(services, id, now),
        events: last.map((each) => rowOf(each, frame)),
      }),
    )
  })
}

interface Scope {
  practitioner: PractitionerId
  practices: PracticeId[]
  sessions: SessionId[]
}

/** What stands in this person's way in at least one place. A client's restriction touches everybody: it is on the desk. */
function concerns(selector: Selector, { practitioner, practices, sessions }: Scope): boolean {
  if ('everything' in selector) return true
  if (selector.practitioner) return selector.practitioner === practitioner
  if (selector.session) return sessions.includes(selector.session)
  return selector.practice !== undefined && practices.includes(selector.practice)
}

/** Every one of the last days, those without patients too. */
async function lastDays(services: Services, id: PractitionerId, now: Seconds): Promise<PatientDay[]> {
  const noon = startOfDay(now) + days(1) / 2
  const names = Array.from({ length: shownDays }, (_, back) => dayOf(noon - days(shownDays - 1 - back)))
  const since = startOfDay(noon - days(shownDays - 1))
  const known = new Map((await patientsByDay(services.db, id, since)).map((row) => [row.day, row]))
  return names.map((day) => known.get(day) ?? { day, opened: 0, listed: 0 })
}
