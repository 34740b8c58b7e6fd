/** The installation's keys, opened: what signs, what verifies, what is published. The rows are `keys-store.ts`'s. */

import { importJWK, SignJWT, type CryptoKey, type JWK } from 'jose'
import { fromBase64url, text } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import { unseal, type KeyEncryptionKey } from '../core/seal.ts'
import { ensureKeys, findKeys, sealContext, type KeyHolder, type KeyRow } from './keys-store.ts'
import type { Keys, KeyUse } from './keys.ts'
import { createVerifier } from './verify.ts'

export interface KeyRingOptions extends KeyHolder {
  primitives: Pick<Primitives, 'digest'>
  issuer: string
}

interface OpenKey {
  row: KeyRow
  publicKey: CryptoKey
  /** Only of current keys: nothing else signs. */
  privateKey?: CryptoKey
}

/** Makes the missing keys (first start), then opens them. Throws when the key-encryption key is not the one they were sealed with. */
export async function openKeys(options: KeyRingOptions): Promise<Keys> {
  await ensureKeys(options, { kind: 'system', id: 'start' })
  const verifier = createVerifier(options.issuer, options.primitives)
  let ring: OpenKey[] = []

  async function reload(): Promise<void> {
    const rows = await findKeys(options.db)
    if (rows.map(nameAndState).join() === ring.map(({ row }) => nameAndState(row)).join()) return
    ring = await Promise.all(rows.map((row) => openKey(row, options.keyEncryptionKey)))
    verifier.useKeys(
      ring
        .filter(({ row }) => row.use === 'token')
        .map(({ row: { kid, alg }, publicKey }) => ({ kid, alg, key: publicKey })),
    )
  }

  await reload()
  return {
    reload,
    verify: (token, audience, now) => verifier.verify(token, audience, now),
    verifyCached: (token, audience, now) => verifier.verifyCached(token, audience, now),
    sign: async (use, typ, payload) => {
      const { row, privateKey } = currentKey(ring, use)
      return new SignJWT(payload).setProtectedHeader({ alg: row.alg, kid: row.kid, typ }).sign(privateKey)
    },
    signCheckpoint: async (data) => {
      const { row, privateKey } = currentKey(ring, 'checkpoint')
      const signature = await crypto.subtle.sign('Ed25519', privateKey, data)
      return { signature: new Uint8Array(signature), publicKey: fromBase64url(row.publicJwk['x'] ?? '') }
    },
    jwks: (use) => ({
      keys: ring.filter(({ row }) => row.use === use).map(({ row }) => row.publicJwk as JWK),
    }),
  }
}

function currentKey(ring: OpenKey[], use: KeyUse): { row: KeyRow; privateKey: CryptoKey } {
  for (const { row, privateKey } of ring) if (row.use === use && privateKey) return { row, privateKey }
  throw new Error(`no current ${use} key`)
}

const nameAndState = (row: KeyRow) => `${row.kid} ${row.state}`

async function openKey(row: KeyRow, keyEncryptionKey: KeyEncryptionKey): Promise<OpenKey> {
  const publicKey = await importKey(row.publicJwk, row.alg)
  if (row.state !== 'current') return { row, publicKey }
  const sealed = await unseal(keyEncryptionKey, row.privateSealed, sealContext(row.kid))
  return { row, publicKey, privateKey: await importKey(JSON.parse(text(sealed)) as JWK, row.alg) }
}

const importKey = async (jwk: object, alg: string) => (await importJWK(jwk as JWK, alg)) as CryptoKey
