/** A client's public keys, as it registers them or keeps them at its address: RFC 7517, with what each algorithm needs. */

import { z } from 'zod'
import { outboundAddress } from '../core/outbound-address.ts'
import type { SignatureAlgorithm } from '../core/ports.ts'
import { algorithmNamed } from '../tokens/algorithm-names.ts'

export interface KeySet {
  keys: Record<string, unknown>[]
}

/** Has a client keys, here or at its address: can it sign anything? */
export const hasKeys = ({ jwks, jwksUri }: { jwks?: unknown; jwksUri?: unknown }): boolean =>
  (jwks ?? jwksUri) !== undefined

const most = 20
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/** What a key of each algorithm looks like (RFC 7518 §6, RFC 8037 §2). */
const fits: Record<SignatureAlgorithm, { kty: string; crv?: string }> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  PS256: { kty: 'RSA' },
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
}

const algorithmsOf = (key: Record<string, unknown>): string[] =>
  Object.entries(fits)
    .filter(([, { kty, crv }]) => key['kty'] === kty && (crv === undefined || key['crv'] === crv))
    .map(([algorithm]) => algorithm)

/** 342 characters of base64url are 2,048 bits, 683 are 4,096: a longer one costs us more than it costs them. */
const soundModulus = (key: Record<string, unknown>): boolean =>
  key['kty'] !== 'RSA' || (/^[\w-]{342,683}$/.test(String(key['n'])) && key['e'] === 'AQAB')

/** A sentence without the key in it. */
function faultOfKey(key: Record<string, unknown>): string | undefined {
  if (secretMembers.some((member) => member in key))
    return 'holds a private key: register the public half only, and replace this one, which has been seen'
  if (typeof key['kid'] !== 'string' || key['kid'] === '' || key['kid'].length > 200)
    return 'must have a kid of 1 to 200 characters'
  if (algorithmsOf(key).length === 0) return 'must be an EC key (P-256, P-384), an Ed25519 key or an RSA key'
  return soundModulus(key) ? undefined : 'must be an RSA key of 2,048 to 4,096 bits with the exponent AQAB'
}

export const keySetShape = z
  .object({ keys: z.array(z.record(z.string(), z.unknown())).min(1, 'must hold at least one key').max(most) })
  .superRefine(({ keys }, context) => {
    keys.forEach((key, index) => {
      const twice = keys.findIndex(({ kid }) => kid === key['kid']) < index
      const message = faultOfKey(key) ?? (twice ? 'has the kid of another key' : undefined)
      if (message) context.addIssue({ code: 'custom', path: ['keys', index], message })
    })
  })

/** Where a key set may be kept. What its name leads to is asked when it is fetched. */
export const keyAddressShape = z
  .string()
  .max(2000)
  .refine(
    (address) => URL.canParse(address) && new URL(address).hash === '',
    'must be an address without a fragment',
  )
  .refine(
    (address) =>
      /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//.test(address) ||
      outboundAddress(address, []) !== undefined,
    'must be an https address that anybody can reach',
  )

/** Is there one among them that may verify one of these? */
export const someKeyFits = ({ keys }: KeySet, algorithms: readonly SignatureAlgorithm[]): boolean =>
  keys.some((key) => algorithms.some((alg) => algorithmsOf(key).includes(alg) && isFor(key, alg)))

/**
 * The one key that `kid` names, if it may verify `alg`. A set of somebody else's server may hold other kinds: they are
 * passed over, and one that is broken is not used.
 */
export function selectKey(
  { keys }: KeySet,
  kid: string,
  alg: SignatureAlgorithm,
): Record<string, unknown> | undefined {
  const [key, ...others] = keys.filter((each) => each['kid'] === kid)
  if (!key || others.length > 0 || faultOfKey(key) !== undefined) return undefined
  return algorithmsOf(key).includes(alg) && isFor(key, alg) ? key : undefined
}

const isFor = ({ alg, use, key_ops: operations }: Record<string, unknown>, wanted: string): boolean =>
  (alg === undefined || algorithmNamed(alg) === wanted) &&
  (use === undefined || use === 'sig') &&
  (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
