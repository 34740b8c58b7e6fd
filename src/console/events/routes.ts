/** GET /console/events, and its stream: rows as the page draws them, by server-sent events (HTML, §9.2). */

import type { Context, Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { logStandings } from '../../audit/activity-store.ts'
import { cursorOf, lastEvents, type Cursor, type LoggedEvent } from '../../audit/query-store.ts'
import { findNames } from '../../people/directory-store.ts'
import { owesProof, type Session } from '../../people/session.ts'
import { requireOperator, stillSignedIn } from '../../people/session-cookie.ts'
import type { Services } from '../../services.ts'
import type { Env } from '../../web.ts'
import { deskFrame } from '../desk-routes.ts'
import { idsOfEvents } from '../ids.ts'
import { eventRow, eventsPage } from './pages.ts'

const shownEvents = 100
/** How often the log is read while somebody watches. */
const everyMs = 1_000

export function addEventRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/events', async (c) => {
    const place = await currentPlace(services)
    const events = (await lastEvents(services.db, { limit: shownEvents })).filter(
      ({ log, index }) => index <= (place[log] ?? -1),
    )
    const frame = await deskFrame(services, c, idsOfEvents(events))
    const rows = events.map(({ event }) => eventRow(event, frame.names, frame.language, frame.now))
    return c.html(eventsPage(frame, rows, `/console/events/stream?after=${formatPlace(place)}`))
  })

  routes.get('/console/events/stream', (c) => {
    const session = requireOperator(c)
    const place = parsePlace(c.req.header('last-event-id') ?? c.req.query('after') ?? '')
    return streamSSE(c, (stream) => follow(services, c, stream, place, session))
  })
}

/** Until the browser goes away, or its session ends, is cut, or must be proven anew. */
async function follow(
  services: Services,
  c: Context<Env>,
  stream: SSEStreamingApi,
  from: Cursor,
  session: Session,
): Promise<void> {
  let place = from
  const goesOn = async () =>
    (await stillSignedIn(services, c)) && !owesProof(services, session, services.clock.now())
  while (!stream.aborted && !stream.closed && (await goesOn())) {
    const events = await lastEvents(services.db, { limit: shownEvents, after: place })
    await send(services, c, stream, events, place)
    place = cursorOf(events, place)
    await stream.sleep(everyMs)
  }
}

/** Oldest first: each goes on top of the one before. The id of each is the place reached with it. */
async function send(
  services: Services,
  c: Context<Env>,
  stream: SSEStreamingApi,
  events: LoggedEvent[],
  from: Cursor,
): Promise<void> {
  if (events.length === 0) return
  const names = await findNames(services.db, idsOfEvents(events))
  let place = from
  for (const logged of events.toReversed()) {
    place = cursorOf([logged], place)
    const row = eventRow(logged.event, names, c.get('context').language, services.clock.now())
    await stream.writeSSE({ event: 'row', id: formatPlace(place), data: JSON.stringify(row) })
  }
}

const currentPlace = async (services: Services): Promise<Cursor> =>
  Object.fromEntries((await logStandings(services.db)).map(({ log, size }) => [log, size - 1]))

/** `server:120,gateway-1:55`. */
const formatPlace = (place: Cursor): string =>
  Object.entries(place)
    .map(([log, index]) => `${log}:${index}`)
    .join(',')

/** What is not a place is passed over: a stream that begins too early only repeats. */
export const parsePlace = (value: string): Cursor =>
  Object.fromEntries(
    [...value.matchAll(/(?:^|,)([a-z][a-z0-9-]{0,60}):(-?\d{1,15})(?=,|$)/g)].map(
      ([, log = '', index = '']) => [log, Number(index)],
    ),
  )
