/** What of an event the database can be asked for; the entry itself stays the exact line. */

import type { Actor, AuditEvent, Holder } from './event.ts'

export interface EntryColumns {
  at: number
  kind: AuditEvent['kind']
  actor: string
  practitioner?: string
  practice?: string
  session?: string
  client?: string
  patient?: string
  access?: string
  request?: string
}

/** `practitioner:prt_…`, `system:…`, `stranger`. */
export const actorName = (actor: Actor): string => ('id' in actor ? `${actor.kind}:${actor.id}` : actor.kind)

/** Names of fields that are columns wherever an event has them. */
const sameName = ['practitioner', 'practice', 'session', 'client', 'patient', 'access', 'request'] as const

/** Whom an event is about: said outright, or the holder, or who did it. */
export function columnsOf(event: AuditEvent): EntryColumns {
  const fields = event as unknown as Record<string, unknown>
  const columns: EntryColumns = { at: event.at, kind: event.kind, actor: actorName(event.actor) }
  for (const name of sameName) {
    const value = fields[name]
    if (typeof value === 'string') columns[name] = value
  }
  const practitioner = columns.practitioner ?? personOf(fields['holder']) ?? personOf(event.actor)
  return practitioner === undefined ? columns : { ...columns, practitioner }
}

/** Columns of a row that do not say what its entry says. Queries read columns, and only the entry is in the tree. */
export function differingColumns(row: Readonly<Record<string, unknown>>, entry: string): string[] {
  const columns: Record<string, unknown> = { ...columnsOf(JSON.parse(entry) as AuditEvent) }
  return columnNames.filter((name) => (columns[name] ?? null) !== (row[name] ?? null))
}
const columnNames = ['at', 'kind', 'actor', ...sameName]

const personOf = (someone: unknown): string | undefined => {
  const holder = someone as Holder | undefined
  return holder?.kind === 'practitioner' ? holder.id : undefined
}
