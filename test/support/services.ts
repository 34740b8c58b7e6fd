/** Services over a fresh embedded database, for tests of one part. `world()` builds the whole product. */

import { openAsBlob } from 'node:fs'
import type { webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { inject } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { randomBytes } from '../../src/core/bytes.ts'
import type { LogLevel } from '../../src/core/ports.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { fileAssets } from '../../src/runtime/assets-node.ts'
import { openPglite } from '../../src/runtime/pglite.ts'
import { primitives } from '../../src/runtime/primitives.ts'
import type { Services } from '../../src/services.ts'
import type { Keys } from '../../src/tokens/keys.ts'
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
export const freshDatabase = async () => openPglite({ image: await openAsBlob(inject('pgliteImage')) })

export async function testServices(overrides: Partial<Services> = {}): Promise<TestServices> {
  const database = overrides.database ?? (await freshDatabase())
  const lines: LogLine[] = []
  const basis = () => ({ sequence: 0, ageMs: 0, tier: 'fresh' as const })
  const services: TestServices = {
    config: parseConfig({}, () => {
      throw new Error('no files')
    }),
    clock: manualClock(),
    primitives,
    log: (level, message, fields = {}) => lines.push({ level, message, fields }),
    db: database.db,
    database,
    assets: fileAssets(),
    throttle: { take: async () => ({ allowed: true }) },
    keyEncryptionKey: randomBytes(32),
    keys: await memoryKeys(),
    restrictions: {
      decide: () => ({ allow: true, basis: basis() }),
      basis,
      onChange: () => () => {},
      catchUp: async () => {},
      follow: async () => {},
      stop: async () => {},
    },
    resources: { all: () => [], findByAudience: () => undefined },
    lines,
    close: () => database.close(),
    ...(overrides as object),
  }
  return services
}

/** Keys that live as long as the test. */
async function memoryKeys(): Promise<Keys> {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const jwk: JWK = { ...(await exportJWK(pair.publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }
  const checkpoint = (await crypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  return {
    sign: (_use, typ, payload) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'test', typ }).sign(pair.privateKey),
    signCheckpoint: async (data) => ({
      signature: new Uint8Array(await crypto.subtle.sign('Ed25519', checkpoint.privateKey, data)),
      publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', checkpoint.publicKey)),
    }),
    jwks: () => ({ keys: [jwk] }),
    verify: async () => {
      throw new Refusal('token_malformed')
    },
  }
}
