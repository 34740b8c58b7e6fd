/**
 * A JWT that a client signed with a key it registered: RFC 7515, RFC 8725. Size, then header, then key, then signature; the
 * key and the algorithm come from what is registered, never from the token (`jku`, `x5u` and `jwk` mean nothing here).
 */

import { compactVerify, errors, importJWK, type CompactJWSHeaderParameters, type CryptoKey } from 'jose'
import { text } from '../core/bytes.ts'
import type { Client } from '../clients/client.ts'
import { selectKey } from '../clients/key-set.ts'
import type { KeysAtAddress } from '../clients/keys-at-address.ts'
import { profileRow } from '../clients/profiles.ts'
import type { SignatureAlgorithm } from '../core/ports.ts'
import { algorithmNamed } from '../tokens/algorithm-names.ts'

export interface Signed {
  payload: Uint8Array
  typ: string | undefined
}

export type SignatureFault =
  'size' | 'crit' | 'alg' | 'kid' | 'key' | 'signature' | 'not one compact JWS' | 'b64'

class Fault extends Error {
  readonly fault: SignatureFault
  constructor(fault: SignatureFault) {
    super(fault)
    this.fault = fault
  }
}

export async function openSigned(
  keys: KeysAtAddress,
  client: Client,
  jwt: string,
  maximumCharacters: number,
): Promise<Signed | { fault: SignatureFault }> {
  if (jwt.length > maximumCharacters) return { fault: 'size' }
  try {
    const { payload, protectedHeader } = await compactVerify(jwt, (header) => keyFor(keys, client, header))
    return { payload, typ: protectedHeader.typ }
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault }
    if (error instanceof errors.JWSSignatureVerificationFailed) return { fault: 'signature' }
    if (error instanceof errors.JOSEError) return { fault: 'not one compact JWS' }
    throw error
  }
}

async function keyFor(
  keys: KeysAtAddress,
  client: Client,
  { alg, kid, crit, b64 }: CompactJWSHeaderParameters,
): Promise<CryptoKey> {
  if (crit !== undefined) throw new Fault('crit')
  if (b64 !== undefined) throw new Fault('b64')
  const algorithm = algorithmNamed(alg)
  if (!algorithm || !profileRow(client.profile).algorithms.includes(algorithm)) throw new Fault('alg')
  if (typeof kid !== 'string' || kid === '') throw new Fault('kid')
  const key = await findKey(keys, client, kid, algorithm)
  if (!key) throw new Fault('kid')
  return importKey(key, algorithm)
}

async function importKey(key: Record<string, unknown>, algorithm: SignatureAlgorithm): Promise<CryptoKey> {
  try {
    const imported = await importJWK({ ...key, key_ops: ['verify'], ext: true }, algorithm)
    if (!(imported instanceof Uint8Array)) return imported
  } catch {
    // A key that is none: its owner's fault, said below.
  }
  throw new Fault('key')
}

async function findKey(
  keys: KeysAtAddress,
  { id, options: { jwks, jwksUri } }: Client,
  kid: string,
  algorithm: SignatureAlgorithm,
): Promise<Record<string, unknown> | undefined> {
  if (jwks) return selectKey(jwks, kid, algorithm)
  if (jwksUri === undefined) return undefined
  const known = await keys.find(jwksUri, id)
  const found = known && selectKey(known, kid, algorithm)
  if (found) return found
  const newer = await keys.find(jwksUri, id, true)
  return newer && newer !== known ? selectKey(newer, kid, algorithm) : undefined
}

/** Undefined unless it is one JSON object. */
export function readClaims(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(text(payload))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? (claims as Record<string, unknown>)
      : undefined
  } catch {
    // Signed, and yet no JSON.
    return undefined
  }
}
