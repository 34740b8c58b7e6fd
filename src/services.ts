/** What a flow of the authorization server receives; nothing else is reachable. Tests build it whole. */

import type { Recorder } from './audit/recorder.ts'
import type { KeysAtAddress } from './clients/keys-at-address.ts'
import type { FindClient } from './clients/store.ts'
import type { Config } from './config.ts'
import type { AssetSource, Log, Outbound, Primitives, Throttle } from './core/ports.ts'
import type { KeyEncryptionKey } from './core/seal.ts'
import type { Clock } from './core/time.ts'
import type { Database, Db } from './db/db.ts'
import type { Records } from './resources/records.ts'
import type { ResourceTable } from './resources/resource.ts'
import type { JournalView } from './restrictions/journal.ts'
import type { Proofs } from './tokens/dpop.ts'
import type { Keys } from './tokens/keys.ts'

export interface Services {
  config: Config
  clock: Clock
  primitives: Primitives
  log: Log
  db: Db
  database: Database
  throttle: Throttle
  assets: AssetSource
  outbound: Outbound
  findClient: FindClient
  clientKeys: KeysAtAddress
  keyEncryptionKey: KeyEncryptionKey
  keys: Keys
  proofs: Proofs
  restrictions: JournalView
  recorder: Recorder
  resources: ResourceTable
  records: Records
}
