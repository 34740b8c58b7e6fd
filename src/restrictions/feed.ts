/** The journal followed over the database: LISTEN shortens the wait, `since` makes it correct. */

import type { Database } from '../db/db.ts'
import { journalChannel } from './channel.ts'
import type { JournalFeed } from './journal.ts'
import { journalSince } from './store.ts'

export const databaseFeed = (database: Database): JournalFeed => ({
  since: (sequence) => journalSince(database.db, sequence),
  onNotice: (listener) => database.listen(journalChannel, listener),
})
