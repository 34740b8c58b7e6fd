/** What people's acts take of the Services record: structural, so that the domain need not know the whole. */

import type { Primitives, Throttle } from '../core/ports.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import type { Clock } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import type { JournalView } from '../restrictions/journal.ts'

export interface Needs {
  config: { issuer: string; rpId: string; signInsPerSecond: number }
  clock: Clock
  primitives: Primitives
  db: Db
  throttle: Throttle
  keyEncryptionKey: KeyEncryptionKey
  restrictions: JournalView
}
