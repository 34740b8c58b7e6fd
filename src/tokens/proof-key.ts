/**
 * The key in a proof's header: RFC 9449 §4.2. Public members only, sizes that are what they say, one thumbprint
 * (RFC 7638). A client's header is the same on each of its proofs, so what was opened once is found by that text.
 */

import { z } from 'zod'
import { fromBase64url, text } from '../core/bytes.ts'
import type { Primitives, PublicJwk, SignatureAlgorithm, Signatures, Verify } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import { algorithmNamed, namesOf } from './algorithm-names.ts'

export interface ProofKey {
  /** RFC 7638, SHA-256, base64url. */
  jkt: string
  algorithm: SignatureAlgorithm
  verify: Verify
}

export interface ProofKeys {
  /** Refuses `proof_invalid`. */
  open(header: string): ProofKey | Promise<ProofKey>
  /** What it signed was proven: worth keeping. */
  keep(header: string, key: ProofKey): void
}

const coordinate = (bytes: number) => z.string().regex(new RegExp(`^[\\w-]{${Math.ceil((bytes * 4) / 3)}}$`))
const ec = (crv: string, bytes: number) =>
  z.object({ crv: z.literal(crv), kty: z.literal('EC'), x: coordinate(bytes), y: coordinate(bytes) })
/** 2,048 to 4,096 bits: shorter can be factored, longer costs us more than it costs them. */
const rsa = z.object({
  e: z.literal('AQAB'),
  kty: z.literal('RSA'),
  n: z.string().regex(/^[\w-]{342,683}$/),
})
const ed25519 = z.object({ crv: z.literal('Ed25519'), kty: z.literal('OKP'), x: coordinate(32) })

/** Each shape's members stand in the order that RFC 7638 §3.2 hashes them in. */
const shapes = {
  ES256: ec('P-256', 32),
  ES384: ec('P-384', 48),
  EdDSA: ed25519,
  PS256: rsa,
  RS384: rsa,
}
type ProofAlgorithm = keyof typeof shapes

/** What a proof's header may name. */
export const allProofAlgorithms = namesOf(Object.keys(shapes) as ProofAlgorithm[])

const headerShape = z.object({
  typ: z.literal('dpop+jwt'),
  alg: z.enum(allProofAlgorithms).transform((alg) => algorithmNamed(alg) as ProofAlgorithm),
  jwk: z.record(z.string(), z.unknown()),
  crit: z.undefined().optional(),
  b64: z.undefined().optional(),
})

/** RFC 7518 §6: of private and of symmetric keys. */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const remembered = 10_000

export function createProofKeys(
  primitives: Pick<Primitives, 'digest'>,
  signatures: Pick<Signatures, 'verifier'>,
): ProofKeys {
  let known = new Map<string, ProofKey>()

  async function openNew(header: string): Promise<ProofKey> {
    const { algorithm, jwk } = readHeader(header)
    const verify = await signatures.verifier(jwk, algorithm)
    if (!verify) throw new Refusal('proof_invalid', { fault: 'key' })
    return { jkt: primitives.digest(JSON.stringify(jwk)), algorithm, verify }
  }

  return {
    open: (header) => known.get(header) ?? openNew(header),
    keep(header, key) {
      if (known.has(header)) return
      if (known.size >= remembered) known = new Map()
      known.set(header, key)
    },
  }
}

function readHeader(header: string): { algorithm: SignatureAlgorithm; jwk: PublicJwk } {
  const read = headerShape.safeParse(parseSegment(header))
  if (!read.success) throw new Refusal('proof_invalid', { fault: 'header' })
  const { alg: algorithm, jwk } = read.data
  if (secretMembers.some((name) => Object.hasOwn(jwk, name)))
    throw new Refusal('proof_invalid', { fault: 'secret key' })
  const key = shapes[algorithm].safeParse(jwk)
  if (!key.success) throw new Refusal('proof_invalid', { fault: 'key' })
  return { algorithm, jwk: key.data }
}

/** A segment of a compact JWS as JSON. Refuses `proof_invalid`. */
export function parseSegment(segment: string): unknown {
  try {
    return JSON.parse(text(fromBase64url(segment)))
  } catch {
    throw new Refusal('proof_invalid', { fault: 'encoding' })
  }
}
