/** The rows of a view, newest first: events one by one, and in a summary the reads of five minutes in one line. */

import type { AuditEvent } from '../../audit/event.ts'
import { lastEvents, type Cursor, type LoggedEvent } from '../../audit/query-store.ts'
import { nthReadAt, readRuns, runSeconds, type ReadRun } from '../../audit/run-store.ts'
import type { Seconds } from '../../core/time.ts'
import type { Db } from '../../db/db.ts'
import { idsOfEvents } from '../ids.ts'
import { entriesOf, type EventFilter } from './filter.ts'

export type Shown = { at: Seconds; event: AuditEvent } | { at: Seconds; run: ReadRun }

export const shownRows = 100
/** A summary sums up at most so many reads, and says nothing of what lies before them. */
const mostReads = 5_000

export interface Listing {
  shown: Shown[]
  /** Something lies before: where to go on. */
  olderThan?: Seconds
}

/** `upTo`: the place the live rows begin behind. */
export async function listRows(db: Db, filter: EventFilter, upTo?: Cursor): Promise<Listing> {
  const part = { limit: shownRows, ...(upTo && { upTo }) }
  const events = (await lastEvents(db, part, entriesOf(filter))).map(({ event }) => ({ at: event.at, event }))
  const edge = events.length < shownRows ? undefined : events.at(-1)?.at
  if (filter.view !== 'summary') return listing(events, edge)
  const { view: _, ...question } = filter
  const nth = await nthReadAt(db, question, mostReads)
  const since = Math.max(filter.since ?? 0, edge ?? 0, nth === undefined ? 0 : startOf(nth))
  const runs = await readRuns(db, { ...question, since: startOf(since) }, shownRows)
  const runEdge = runs.length < shownRows ? undefined : runs.at(-1)?.lastAt
  const reach = Math.max(since, runEdge ?? 0)
  const both: Shown[] = [...events, ...runs.map((run) => ({ at: run.lastAt, run }))]
  const cut = edge !== undefined || nth !== undefined || runEdge !== undefined
  return listing(
    both.filter(({ at }) => at >= reach).toSorted((a, b) => b.at - a.at),
    cut ? reach : undefined,
  )
}

const listing = (shown: Shown[], edge: Seconds | undefined): Listing => ({
  shown,
  ...(edge !== undefined && { olderThan: edge }),
})

const startOf = (at: Seconds): Seconds => at - (at % runSeconds)

/** Whose five minutes were added to: these lines are told anew, with their counts as they are now. */
export async function runsTouched(
  db: Db,
  filter: EventFilter,
  events: readonly LoggedEvent[],
): Promise<ReadRun[]> {
  const { view: _, until: __, ...question } = filter
  const touched = new Set<string>()
  let since = Infinity
  for (const { event } of events) {
    if (event.kind !== 'access.served') continue
    since = Math.min(since, startOf(event.at))
    touched.add(`${event.session} ${event.client} ${startOf(event.at)}`)
  }
  if (touched.size === 0) return []
  const runs = await readRuns(db, { ...question, since }, 1_000)
  return runs
    .filter(({ session, client, startAt }) => touched.has(`${session} ${client} ${startAt}`))
    .toReversed()
}

export const idsOfShown = (shown: readonly Shown[]): string[] =>
  shown.flatMap((each) =>
    'event' in each
      ? idsOfEvents([each])
      : [each.run.practitioner, each.run.practice, each.run.session, each.run.client],
  )
