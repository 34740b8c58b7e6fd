/** A journal in memory, with its feed. */

import type { JournalFeed } from '../../src/restrictions/journal.ts'
import { sequenceOf, type JournalRow } from '../../src/restrictions/restriction.ts'

export interface MemoryJournal extends JournalFeed {
  append(row: JournalRow): void
  listeners(): number
}

export function memoryJournal(): MemoryJournal {
  const rows: JournalRow[] = []
  const listeners = new Set<() => void>()
  return {
    append: (row) => {
      rows.push(row)
      for (const listener of listeners) listener()
    },
    listeners: () => listeners.size,
    since: async (sequence) => rows.filter((row) => sequenceOf(row) > sequence),
    onNotice: async (listener) => {
      listeners.add(listener)
      return async () => void listeners.delete(listener)
    },
  }
}
