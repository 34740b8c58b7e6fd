/**
 * The compact form of a signed token (RFC 7515 §3.1), written and taken apart. What is taken apart here is not yet
 * believed: the caller finds the key, and with it the algorithm, and asks whether it signed.
 */

import { base64url, fromBase64url, text, utf8 } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import type { Sign } from '../core/ports.ts'

export interface Header {
  alg?: unknown
  kid?: unknown
  typ?: unknown
}

export interface Compact {
  header: Header
  payload: Uint8Array
  /** What was signed. */
  input: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

export async function writeCompact(header: object, payload: object, sign: Sign): Promise<string> {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${base64url(await sign(utf8(input)))}`
}

const part = (value: object): string => base64url(utf8(JSON.stringify(value)))

/**
 * Refuses `token_malformed`. RFC 8725: nothing is to be understood that we do not (`crit`, §3.10), nothing is unpacked
 * (`zip`, §3.6), and one value has one spelling (canonical base64url).
 */
export function parseCompact(token: string): Compact {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || header === '' || payload === '') throw malformed('parts')
  return {
    header: parseHeader(header),
    payload: decoded(payload),
    input: utf8(`${header}.${payload}`),
    signature: decoded(signature),
  }
}

function parseHeader(encoded: string): Header {
  let header: unknown
  try {
    header = JSON.parse(text(decoded(encoded)))
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw malformed('header')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw malformed('header')
  for (const name of ['crit', 'zip', 'b64']) if (Object.hasOwn(header, name)) throw malformed(name)
  return header
}

function decoded(value: string): Uint8Array<ArrayBuffer> {
  try {
    return fromBase64url(value)
  } catch {
    throw malformed('base64url')
  }
}

const malformed = (fault: string): Refusal => new Refusal('token_malformed', { fault })
