/** Which ids a screen will have to name: those of events and of restrictions. */

import type { AuditEvent } from '../audit/event.ts'
import type { ListedRestriction } from '../restrictions/listing-store.ts'
import type { Restriction } from '../restrictions/restriction.ts'

const namedFields = ['practitioner', 'practice', 'client', 'operator'] as const

export function idsOfEvents(events: readonly { event: AuditEvent }[]): string[] {
  return events.flatMap(({ event }) => {
    const fields = event as unknown as Record<string, unknown>
    const holder = fields['holder'] as { id?: unknown } | undefined
    const ids = [...namedFields.map((name) => fields[name]), holder?.id]
    if ('id' in event.actor) ids.push(event.actor.id)
    return ids.filter((id) => typeof id === 'string')
  })
}

export const idsOfRestriction = ({ selector, author }: Restriction): string[] => [
  ...('everything' in selector ? [] : Object.values(selector).filter((id) => id !== undefined)),
  ...(author.kind === 'rule' ? [] : [author.id]),
]

export const idsOfListed = ({ restriction, lift }: ListedRestriction): string[] => [
  ...idsOfRestriction(restriction),
  ...(lift && lift.author.kind !== 'rule' ? [lift.author.id] : []),
]
