/** GET /console/events, and its stream: rows as the page draws them, by server-sent events (HTML, §9.2). */

import type { Context, Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { findLogs } from '../../audit/log-store.ts'
import { cursorOf, lastEvents, type Cursor } from '../../audit/query-store.ts'
import { findNames, searchPractitioners } from '../../people/directory-store.ts'
import { listPractices } from '../../people/practices.ts'
import { owesProof, type Session } from '../../people/session.ts'
import { requireOperator, stillSignedIn } from '../../people/session-cookie.ts'
import type { Services } from '../../services.ts'
import type { Env } from '../../web.ts'
import { deskFrame } from '../desk-routes.ts'
import { entriesOf, eventsAddress, parseFilter, type EventFilter } from './filter.ts'
import { eventsPage } from './pages.ts'
import { eventRow, rowOf } from './row.ts'
import { idsOfShown, listRows, runsTouched, shownRows, type Shown } from './rows.ts'

/** How often the log is read while somebody watches. */
const everyMs = 1_000

export function addEventRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/events', async (c) => {
    const filter = parseFilter(c.req.query())
    const person = (c.req.query('person') ?? '').trim().slice(0, 80)
    const found = person === '' ? [] : await searchPractitioners(services.db, person)
    const [only] = found
    if (only && found.length === 1) return c.redirect(eventsAddress({ ...filter, practitioner: only }), 303)
    return c.html(await showPage(services, c, filter, { person, found }))
  })

  routes.get('/console/events/stream', (c) => {
    const session = requireOperator(c)
    const filter = parseFilter(c.req.query())
    const place = parsePlace(c.req.header('last-event-id') ?? c.req.query('after') ?? '')
    return streamSSE(c, (stream) => follow(services, c, stream, { place, filter, session }))
  })
}

async function showPage(
  services: Services,
  c: Context<Env>,
  filter: EventFilter,
  search: { person: string; found: Parameters<typeof eventsPage>[1]['search']['found'] },
) {
  const place = await currentPlace(services)
  const { shown, olderThan } = await listRows(services.db, filter, place)
  const practices = await listPractices(services)
  const frame = await deskFrame(services, c, [
    ...idsOfShown(shown),
    ...search.found,
    ...[filter.practitioner, filter.practice, filter.session].filter((id) => id !== undefined),
  ])
  const stream = eventsAddress(filter, '/console/events/stream')
  return eventsPage(frame, {
    filter,
    search,
    practices,
    rows: shown.map((each) => rowOf(each, frame)),
    ...(olderThan !== undefined && { olderThan }),
    // What ends in the past has no sequel.
    ...(filter.until === undefined && {
      stream: `${stream}${stream.includes('?') ? '&' : '?'}after=${formatPlace(place)}`,
    }),
  })
}

interface Following {
  place: Cursor
  filter: EventFilter
  session: Session
}

/** Until the browser goes away, or its session ends, is cut, or must be proven anew. */
async function follow(
  services: Services,
  c: Context<Env>,
  stream: SSEStreamingApi,
  { place: from, filter, session }: Following,
): Promise<void> {
  let place = from
  const goesOn = async () =>
    (await stillSignedIn(services, c)) && !owesProof(services, session, services.clock.now())
  while (!stream.aborted && !stream.closed && (await goesOn())) {
    const reached = await currentPlace(services)
    await send(services, c, stream, filter, place, reached)
    place = reached
    await stream.sleep(everyMs)
  }
}

/** Oldest first: each goes on top of the one before. The id of each is the place reached with it. */
async function send(
  services: Services,
  c: Context<Env>,
  stream: SSEStreamingApi,
  filter: EventFilter,
  from: Cursor,
  reached: Cursor,
): Promise<void> {
  const part = { after: from, upTo: reached, limit: shownRows }
  const events = (await lastEvents(services.db, part, entriesOf(filter))).toReversed()
  const runs = filter.view === 'summary' ? await newRuns(services, filter, from, reached) : []
  const shown: Shown[] = [...events.map(({ event }) => ({ at: event.at, event })), ...runs]
  const names = await findNames(services.db, idsOfShown(shown))
  const frame = { names, language: c.get('context').language, now: services.clock.now() }
  let place = from
  for (const logged of events) {
    place = cursorOf([logged], place)
    const row = eventRow(logged.event, frame)
    await stream.writeSSE({ event: 'row', id: formatPlace(place), data: JSON.stringify(row) })
  }
  for (const run of runs)
    await stream.writeSSE({ event: 'row', id: formatPlace(reached), data: JSON.stringify(rowOf(run, frame)) })
}

/** More reads than this in a second are counted all the same: only whose they are is asked here. */
const readsLooked = 1_000

async function newRuns(
  services: Services,
  filter: EventFilter,
  after: Cursor,
  upTo: Cursor,
): Promise<Extract<Shown, { run: object }>[]> {
  const { view: _, ...whose } = filter
  const part = { after, upTo, limit: readsLooked }
  const reads = await lastEvents(services.db, part, { ...whose, kinds: ['access.served'] })
  const runs = await runsTouched(services.db, filter, reads)
  return runs.map((run) => ({ at: run.lastAt, run }))
}

const currentPlace = async (services: Services): Promise<Cursor> =>
  Object.fromEntries((await findLogs(services.db)).map(({ log, size }) => [log, size - 1]))

/** `server:120,gateway-1:55`. */
const formatPlace = (place: Cursor): string =>
  Object.entries(place)
    .map(([log, index]) => `${log}:${index}`)
    .join(',')

/** What is not a place is passed over: a stream that begins too early only repeats. */
export const parsePlace = (value: string): Cursor =>
  Object.fromEntries(
    [...value.matchAll(/(?:^|,)([A-Za-z][\w.-]{0,80}):(-?\d{1,15})(?=,|$)/g)].map(
      ([, log = '', index = '']) => [log, Number(index)],
    ),
  )
