/** Which events a page of the log shows; all of it stands in the address, so that a view can be sent to a colleague. */

import { eventGroups, eventKinds, kindsOf } from '../../audit/event-groups.ts'
import type { EventKind } from '../../audit/event.ts'
import type { Filter } from '../../audit/query-store.ts'
import { parseId, type PracticeId, type PractitionerId, type SessionId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import type { Seconds } from '../../core/time.ts'

/** `summary`: reads summed up, sealed references left out. `everything`: the log, line by line. */
export const views = ['summary', ...eventGroups, 'everything'] as const
export type View = (typeof views)[number]

export interface EventFilter {
  view: View
  practitioner?: PractitionerId
  practice?: PracticeId
  session?: SessionId
  since?: Seconds
  until?: Seconds
}

/** Refuses `malformed_id` and `malformed_request`: a view that is not the one asked for would mislead. */
export function parseFilter(query: Readonly<Record<string, string>>): EventFilter {
  const given = (name: string) => query[name] || undefined
  const id = <K extends 'practitioner' | 'practice' | 'session'>(kind: K) => {
    const value = given(kind)
    return value === undefined ? {} : { [kind]: parseId(kind, value) }
  }
  return {
    view: parseView(given('show')),
    ...id('practitioner'),
    ...id('practice'),
    ...id('session'),
    ...moment('since', given('since')),
    ...moment('until', given('until')),
  }
}

function parseView(value = 'summary'): View {
  const view = views.find((name) => name === value)
  if (!view) throw new Refusal('malformed_request', { field: 'show' })
  return view
}

function moment(name: string, value: string | undefined): Record<string, Seconds> {
  if (value === undefined) return {}
  if (!/^\d{1,11}$/.test(value)) throw new Refusal('malformed_request', { field: name })
  return { [name]: Number(value) }
}

export function eventsAddress({ view, ...rest }: EventFilter, path = '/console/events'): string {
  const query = new URLSearchParams(view === 'summary' ? {} : { show: view })
  for (const [name, value] of Object.entries(rest)) query.set(name, String(value))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

export function without(filter: EventFilter, ...keys: Exclude<keyof EventFilter, 'view'>[]): EventFilter {
  const left = { ...filter }
  for (const key of keys) delete left[key]
  return left
}

/** What a view asks the log for, entry by entry. */
export function entriesOf({ view, ...rest }: EventFilter): Filter {
  if (view === 'everything') return rest
  return { ...rest, kinds: view === 'summary' ? summaryKinds : kindsOf(view) }
}

const summaryKinds: readonly EventKind[] = eventKinds.filter(
  (kind) => kind !== 'access.served' && kind !== 'patient.sealed',
)
