/** A client's key, and the proofs it makes with it. */

import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { primitives } from '../../src/runtime/primitives.ts'

export interface ProofChanges {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
}

export interface ProofMaker {
  jkt: string
  jwk: JWK
  /** `undefined` in the changes leaves a member out. */
  prove(
    of: { method: string; target: string; at: number; nonce?: string; token?: string },
    changes?: ProofChanges,
  ): Promise<string>
}

export async function proofMaker(
  alg = 'ES256',
  options: { modulusLength?: number } = {},
): Promise<ProofMaker> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options })
  const jwk = await exportJWK(publicKey)
  return {
    jkt: await calculateJwkThumbprint(jwk),
    jwk,
    prove: ({ method, target, at, nonce, token }, { header = {}, claims = {} } = {}) =>
      new SignJWT({
        jti: crypto.randomUUID(),
        htm: method,
        htu: target,
        iat: at,
        nonce,
        ath: token === undefined ? undefined : primitives.digest(token),
        ...claims,
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header })
        .sign(privateKey),
  }
}
