/** Builds the Services record from a configuration and an open database: the same on every runtime. */

import { createRecorder } from '../audit/recorder.ts'
import { record } from '../audit/store.ts'
import { keysAtAddress } from '../clients/keys-at-address.ts'
import { clientFinder } from '../clients/store.ts'
import type { Config } from '../config.ts'
import type { AssetSource, Log, Throttle } from '../core/ports.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import type { Clock } from '../core/time.ts'
import type { Database } from '../db/db.ts'
import { openResourceTable } from '../resources/store.ts'
import { databaseFeed } from '../restrictions/feed.ts'
import { createView } from '../restrictions/view.ts'
import type { Services } from '../services.ts'
import { openKeys } from '../tokens/key-ring.ts'
import { nodeOutbound } from './node-outbound.ts'
import { nodeSignatures } from './node-signatures.ts'
import { primitives } from './primitives.ts'
import { serverProofs } from './proofs.ts'
import { recordsDoor, type RecordsDoor } from './records-door.ts'
import { StartFault } from './start-fault.ts'
import { databaseThrottle, memoryThrottle } from './throttle.ts'

export interface Ports {
  config: Config
  database: Database
  keyEncryptionKey: KeyEncryptionKey
  log: Log
  clock: Clock
  assets: AssetSource
  throttle: Throttle
}

/** Makes the keys at the first start and reads the journal once; following it is the caller's choice. */
export async function compose(ports: Ports): Promise<Services & { records: RecordsDoor }> {
  const { config, database, keyEncryptionKey, log, clock } = ports
  const { db } = database
  const { issuer, keyPeriodSeconds: period } = config
  const keys = await openKeys({
    db,
    keyEncryptionKey,
    clock,
    primitives,
    signatures: nodeSignatures,
    issuer,
    period,
  }).catch(wrongKey)
  const restrictions = createView(databaseFeed(database), clock, { log })
  await restrictions.catchUp()
  const outbound = nodeOutbound(config.dangerouslyAllowedOutbound)
  return {
    ...ports,
    db,
    primitives,
    outbound,
    findClient: clientFinder(db),
    clientKeys: keysAtAddress({ outbound, clock }),
    keys,
    proofs: serverProofs({ db, keyEncryptionKey }),
    restrictions,
    recorder: createRecorder((events) => record(db, ...events), log),
    resources: await openResourceTable(db),
    records: recordsDoor(),
    // One process with an embedded database counts in memory; nodes around one PostgreSQL count together.
    throttle: config.databaseUrl === undefined ? memoryThrottle() : databaseThrottle(db),
  }
}

/** AES-GCM says no more than that it did not fit. */
function wrongKey(error: unknown): never {
  if (!(error instanceof DOMException && error.name === 'OperationError')) throw error
  throw new StartFault(
    'configuration',
    'The key-encryption key is not the one this database was sealed with: put the right one back from your backup.',
    { cause: error },
  )
}
