/** What was opened is closed in the opposite order, all of it, even when one of them fails. */

export interface Undo {
  add(close: () => void | Promise<void>): void
  /** Idempotent. Rejects with an AggregateError of what failed, after everything was tried. */
  run(): Promise<void>
}

export function createUndo(): Undo {
  const closers: (() => void | Promise<void>)[] = []
  return {
    add: (close) => {
      closers.push(close)
    },
    run: async () => {
      const failures: unknown[] = []
      for (let close = closers.pop(); close; close = closers.pop()) {
        try {
          await close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed')
    },
  }
}
