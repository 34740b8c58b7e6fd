/**
 * Proofs of possession, RFC 9449: does whoever sends this request hold the key, and is it this request they meant? What a
 * place has of its own (its nonces, where it keeps what was shown) is lent to it.
 */

import { z } from 'zod'
import { fromBase64url, utf8 } from '../core/bytes.ts'
import type { Primitives, SignatureAlgorithm } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { AccessClaims } from './claims.ts'
import type { Nonces } from './nonces.ts'
import { allProofAlgorithms, parseSegment, type ProofKey, type ProofKeys } from './proof-key.ts'
import { normalTarget } from './target.ts'

export interface Proof {
  /** RFC 7638 thumbprint of the key it proves. */
  jkt: string
  algorithm: SignatureAlgorithm
}

export interface Asked {
  /** The DPoP header as received; several are joined with a comma and are none. */
  proof: string | undefined
  method: string
  /** Where the request went by our configuration, never by its Host header: origin and path. */
  target: string
  /** At a resource: the token it goes with, and the key that one is bound to. */
  token?: { value: string; jkt: string }
}

/** Remembers what was shown. MUST answer true to exactly one of parallel takers; may forget it after `until`. */
export type TakeProof = (hash: string, until: Seconds, now: Seconds) => boolean | Promise<boolean>

export interface Proofs {
  /** Refuses `proof_invalid`, `proof_nonce`, `proof_replayed`, `token_binding`, `state_unavailable`. */
  judge(asked: Asked, now: Seconds): Promise<Proof>
  /** For the `DPoP-Nonce` of an answer. */
  nonce(now: Seconds): string
}

export interface ProofPlace {
  primitives: Pick<Primitives, 'digest'>
  keys: ProofKeys
  nonces: Nonces
  take: TakeProof
}

const maximumCharacters = 8192
const aheadSeconds = 10
const behindSeconds = 60
/** Another node of ours may be behind the one that took it. */
const skewSeconds = 60

const payloadShape = z.object({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string().max(2048),
  iat: z.number(),
  nonce: z.string().optional(),
  ath: z.string().optional(),
})
type Payload = z.output<typeof payloadShape>

export function createProofs({ primitives, keys, nonces, take }: ProofPlace): Proofs {
  return {
    nonce: (now) => nonces.current(now),
    async judge(asked, now) {
      const { key, payload } = await readProof(keys, asked.proof)
      const fault = faultOf(payload, asked, now) ?? faultOfToken(primitives, payload, asked)
      if (fault) throw new Refusal('proof_invalid', { fault })
      if (asked.token && asked.token.jkt !== key.jkt) throw new Refusal('token_binding', { fault: 'key' })
      if (!nonces.isFresh(payload.nonce, now)) throw new Refusal('proof_nonce')
      const until = payload.iat + behindSeconds + skewSeconds
      if (!(await take(primitives.digest(`${key.jkt} ${payload.jti}`), Math.ceil(until), now)))
        throw new Refusal('proof_replayed')
      return { jkt: key.jkt, algorithm: key.algorithm }
    },
  }
}

const compact = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

async function readProof(
  keys: ProofKeys,
  proof: string | undefined,
): Promise<{ key: ProofKey; payload: Payload }> {
  if (proof === undefined) throw new Refusal('proof_invalid', { fault: 'missing' })
  if (proof.length > maximumCharacters) throw new Refusal('proof_invalid', { fault: 'size' })
  const [, header, body, signature] = compact.exec(proof) ?? []
  if (!header || !body || !signature) throw new Refusal('proof_invalid', { fault: 'not one compact JWS' })
  const opened = keys.open(header)
  const key = opened instanceof Promise ? await opened : opened
  const signed = key.verify(utf8(`${header}.${body}`), signatureBytes(signature))
  if (!(signed instanceof Promise ? await signed : signed))
    throw new Refusal('proof_invalid', { fault: 'signature' })
  keys.keep(header, key)
  const payload = payloadShape.safeParse(parseSegment(body))
  if (!payload.success) throw new Refusal('proof_invalid', { fault: 'claims' })
  return { key, payload: payload.data }
}

function signatureBytes(signature: string): Uint8Array<ArrayBuffer> {
  try {
    return fromBase64url(signature)
  } catch {
    throw new Refusal('proof_invalid', { fault: 'encoding' })
  }
}

/** RFC 9449 §4.3, 8 to 11. */
function faultOf({ htm, htu, iat }: Payload, { method, target }: Asked, now: Seconds): string | undefined {
  if (htm !== method) return 'htm'
  if (htu !== target && (normalTarget(htu) ?? '') !== normalTarget(target)) return 'htu'
  return iat > now + aheadSeconds || iat < now - behindSeconds ? 'iat' : undefined
}

/** RFC 9449 §4.3, 12. */
const faultOfToken = (
  { digest }: Pick<Primitives, 'digest'>,
  { ath }: Payload,
  { token }: Asked,
): string | undefined => (token && ath !== digest(token.value) ? 'ath' : undefined)

/** A token as it was shown at a resource. */
export interface Shown {
  scheme: 'bearer' | 'dpop'
  token: string
}

/** RFC 6750 §2.1, RFC 9449 §7.1: b64token. The scheme's name is case-insensitive (RFC 9110 §11.1). */
const shownShape = /^(bearer|dpop) ([A-Za-z0-9\-._~+/]+=*)$/i

export function readShown(authorization: string): Shown | undefined {
  const [, scheme, token] = shownShape.exec(authorization) ?? []
  return scheme && token ? { scheme: scheme.toLowerCase() as Shown['scheme'], token } : undefined
}

/** How a resource asks for a token: in the scheme it was shown under; in both when none was (RFC 9449 §7.1). */
export function challengesTo(authorization: string | undefined, parameters: string): string[] {
  const bearer = `Bearer ${parameters}`
  const dpop = `DPoP algs="${allProofAlgorithms.join(' ')}", ${parameters}`
  if (authorization === undefined) return [bearer, dpop]
  return [/^dpop /i.test(authorization) ? dpop : bearer]
}

/**
 * Is a token shown as what it is? A bound one under DPoP with a proof by its key, any other under Bearer (RFC 9449
 * §7.1, §7.2). Refuses `token_binding` and what `judge` refuses.
 */
export async function requireHolder(
  proofs: Proofs,
  { scheme, token }: Shown,
  { cnf }: Pick<AccessClaims, 'cnf'>,
  asked: Omit<Asked, 'token'>,
  now: Seconds,
): Promise<void> {
  if ((scheme === 'dpop') !== (cnf !== undefined)) throw new Refusal('token_binding', { scheme })
  if (cnf) await proofs.judge({ ...asked, token: { value: token, jkt: cnf.jkt } }, now)
}
