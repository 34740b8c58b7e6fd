/** Services over a fresh embedded database, for tests of one part. `world()` builds the whole product. */

import { openAsBlob } from 'node:fs'
import type { JWK } from 'jose'
import { inject } from 'vitest'
import { createRecorder } from '../../src/audit/recorder.ts'
import { record } from '../../src/audit/store.ts'
import { keysAtAddress } from '../../src/clients/keys-at-address.ts'
import { clientFinder } from '../../src/clients/store.ts'
import { parseConfig } from '../../src/config.ts'
import { randomBytes } from '../../src/core/bytes.ts'
import type { LogLevel } from '../../src/core/ports.ts'
import { fileAssets } from '../../src/runtime/assets-node.ts'
import type { Clock } from '../../src/core/time.ts'
import type { Database } from '../../src/db/db.ts'
import type { JournalView } from '../../src/restrictions/journal.ts'
import { openResourceTable } from '../../src/resources/store.ts'
import { databaseFeed } from '../../src/restrictions/feed.ts'
import { createView } from '../../src/restrictions/view.ts'
import { nodeOutbound } from '../../src/runtime/node-outbound.ts'
import { openPglite } from '../../src/runtime/pglite.ts'
import { nodeSignatures } from '../../src/runtime/node-signatures.ts'
import { primitives } from '../../src/runtime/primitives.ts'
import { serverProofs } from '../../src/runtime/proofs.ts'
import { recordsDoor } from '../../src/runtime/records-door.ts'
import type { Services } from '../../src/services.ts'
import { openKeys } from '../../src/tokens/key-ring.ts'
import { mintPrivateKey, type MintPrivateKey } from '../../src/tokens/mint-key.ts'
import { manualClock, type ManualClock } from './clock.ts'

export interface LogLine {
  level: LogLevel
  message: string
  fields: Record<string, unknown>
}

export interface TestServices extends Services {
  clock: ManualClock
  lines: LogLine[]
  close(): Promise<void>
}

/** An embedded database with the current schema and no rows. */
export const freshDatabase = async () => openPglite({ image: await pgliteImage() })
export const pgliteImage = (): Promise<Blob> => openAsBlob(inject('pgliteImage'))

/** RSA keys that were made before, while they last: each is given once. */
export function lentKeys(): MintPrivateKey {
  const left = inject('rsaKeys').map((key) => JSON.parse(key) as JWK)
  return async (alg) => (alg === 'RS256' && left.pop()) || mintPrivateKey(alg)
}

export async function testServices(
  overrides: Partial<Services & { clock: ManualClock }> = {},
): Promise<TestServices> {
  const database = overrides.database ?? (await freshDatabase())
  const lines: LogLine[] = []
  const config =
    overrides.config ??
    parseConfig({}, () => {
      throw new Error('no files')
    })
  const clock = overrides.clock ?? manualClock()
  const keyEncryptionKey = randomBytes(32)
  const outbound = overrides.outbound ?? nodeOutbound(config.dangerouslyAllowedOutbound)
  const services: TestServices = {
    config,
    clock,
    primitives,
    log: (level, message, fields = {}) => lines.push({ level, message, fields }),
    db: database.db,
    database,
    assets: fileAssets(),
    outbound,
    findClient: clientFinder(database.db),
    clientKeys: keysAtAddress({ outbound, clock }),
    throttle: { take: async () => ({ allowed: true }) },
    keyEncryptionKey,
    keys:
      overrides.keys ??
      (await openKeys({
        db: database.db,
        keyEncryptionKey,
        clock,
        primitives,
        signatures: nodeSignatures,
        issuer: config.issuer,
        mintPrivateKey: lentKeys(),
      })),
    proofs: serverProofs({ db: database.db, keyEncryptionKey }),
    restrictions: overrides.restrictions ?? (await currentView(database, clock)),
    recorder: createRecorder(
      (events) => record(database.db, ...events),
      () => {},
    ),
    resources: overrides.resources ?? (await openResourceTable(database.db)),
    records: recordsDoor(),
    lines,
    close: () => database.close(),
    ...(overrides as object),
  }
  return services
}

/** A view that has caught up and does not age: ageing has tests of its own. */
async function currentView(database: Database, clock: Clock): Promise<JournalView> {
  const ageless = { now: () => clock.now(), monotonicMs: () => 0 }
  const view = createView(databaseFeed(database), ageless, { log: () => {} })
  await view.catchUp()
  return view
}
