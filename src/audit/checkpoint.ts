/**
 * What a log says of itself at one size, signed: C2SP tlog-checkpoint inside a C2SP signed note (Ed25519, type 0x01),
 * and the server's cosignature on a gateway's (C2SP tlog-cosignature v1, type 0x04). Key names are `garde/<log>`.
 */

import { base64, concat, fromBase64, hex, utf8 } from '../core/bytes.ts'
import type { Seconds } from '../core/time.ts'
import type { Sha256 } from './tree.ts'

export interface Checkpoint {
  origin: string
  size: number
  root: Uint8Array
}

interface NoteSignature {
  name: string
  /** 4 bytes of key hash, then what the type of signature adds, then 64 bytes of Ed25519. */
  bytes: Uint8Array<ArrayBuffer>
}

export interface SignedCheckpoint extends Checkpoint {
  /** What was signed: the lines up to and with the newline before the empty line. */
  body: string
  signatures: NoteSignature[]
}

/** The note is not one. The message names the rule it breaks. */
export class NotACheckpoint extends Error {
  override readonly name = 'NotACheckpoint'
}

/** Ed25519 over bytes; `tokens/keys.ts` lends it. */
export type SignCheckpoint = (
  data: Uint8Array<ArrayBuffer>,
) => Promise<{ signature: Uint8Array; publicKey: Uint8Array }>

export const originOf = (log: string): string => `garde/${log}`
/** Who cosigns gateways' checkpoints. */
export const cosigner = 'garde/server'

const plainSignature = 0x01
const cosignature = 0x04

const bodyOf = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${base64(root)}\n`

const keyHash = (sha256: Sha256, name: string, type: number, publicKey: Uint8Array): Uint8Array =>
  sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).subarray(0, 4)

const signatureLine = (name: string, ...parts: Uint8Array[]): string =>
  `— ${name} ${base64(concat(...parts))}\n`

export async function signCheckpoint(
  sha256: Sha256,
  sign: SignCheckpoint,
  checkpoint: Checkpoint,
): Promise<string> {
  const body = bodyOf(checkpoint)
  const { signature, publicKey } = await sign(utf8(body))
  const hash = keyHash(sha256, checkpoint.origin, plainSignature, publicKey)
  return `${body}\n${signatureLine(checkpoint.origin, hash, signature)}`
}

/** Adds the server's line to a note whose root it has worked out for itself. */
export async function cosign(
  sha256: Sha256,
  sign: SignCheckpoint,
  note: string,
  at: Seconds,
): Promise<string> {
  const { body } = parseCheckpoint(note)
  const { signature, publicKey } = await sign(utf8(cosignedText(body, at)))
  const hash = keyHash(sha256, cosigner, cosignature, publicKey)
  return `${note}${signatureLine(cosigner, hash, timestamp(at), signature)}`
}

const cosignedText = (body: string, at: number | bigint): string => `cosignature/v1\ntime ${at}\n${body}`

function timestamp(at: Seconds): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(at))
  return bytes
}

/** Signatures are read here and verified by `isSigned`. Throws NotACheckpoint. */
export function parseCheckpoint(note: string): SignedCheckpoint {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) throw new NotACheckpoint('no empty line before the signatures')
  const body = note.slice(0, end + 1)
  const [origin = '', size = '', root = ''] = body.split('\n')
  if (!isName(origin)) throw new NotACheckpoint('no origin')
  if (!/^(0|[1-9]\d{0,15})$/.test(size)) throw new NotACheckpoint('the size is not a number')
  const lines = note.slice(end + 2, -1).split('\n')
  return { origin, size: Number(size), root: bytesOf(root, 32), body, signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ')
  if (dash !== '—' || !isName(name) || rest.length > 0)
    throw new NotACheckpoint('a signature line is not one')
  const bytes = bytesOf(encoded)
  if (bytes.length < 5) throw new NotACheckpoint('a signature is too short')
  return { name, bytes }
}

function bytesOf(encoded: string, length?: number): Uint8Array<ArrayBuffer> {
  try {
    const bytes = fromBase64(encoded)
    if ((length === undefined || bytes.length === length) && base64(bytes) === encoded) return bytes
  } catch {
    throw new NotACheckpoint('expected base64')
  }
  throw new NotACheckpoint('expected canonical base64 of the right length')
}

const isName = (name: string): boolean => /^[^\s+]+$/.test(name)

/** A key somebody trusts for a name: `<name>+<hash>+<base64 of type and key>` (C2SP signed-note, verifier keys). */
export interface VerifierKey {
  name: string
  publicKey: Uint8Array<ArrayBuffer>
}

export const formatVerifierKey = (sha256: Sha256, { name, publicKey }: VerifierKey): string =>
  `${name}+${hex(keyHash(sha256, name, plainSignature, publicKey))}+${base64(concat(Uint8Array.of(plainSignature), publicKey))}`

/** Throws NotACheckpoint; a key whose hash is not its own is not taken. */
export function parseVerifierKey(sha256: Sha256, value: string): VerifierKey {
  const [name = '', hash, ...encoded] = value.trim().split('+')
  const bytes = bytesOf(encoded.join('+'), 33)
  const publicKey = bytes.slice(1)
  if (!isName(name) || bytes[0] !== plainSignature)
    throw new NotACheckpoint('expected an Ed25519 verifier key')
  if (hex(keyHash(sha256, name, plainSignature, publicKey)) !== hash)
    throw new NotACheckpoint('the hash is not that of the key')
  return { name, publicKey }
}

/** Has one of `keys` of the note's own origin signed it? One bad signature by a known key is a no. */
export const isSigned = (
  sha256: Sha256,
  checkpoint: SignedCheckpoint,
  keys: readonly VerifierKey[],
): Promise<boolean> =>
  verifies(
    sha256,
    checkpoint,
    keys,
    { name: checkpoint.origin, type: plainSignature, before: 4 },
    () => checkpoint.body,
  )

/** Has the server cosigned it? `keys` are those of `garde/server`. */
export const isCosigned = (
  sha256: Sha256,
  checkpoint: SignedCheckpoint,
  keys: readonly VerifierKey[],
): Promise<boolean> =>
  verifies(sha256, checkpoint, keys, { name: cosigner, type: cosignature, before: 12 }, ({ bytes }) =>
    cosignedText(checkpoint.body, new DataView(bytes.buffer).getBigUint64(4)),
  )

interface SignatureKind {
  name: string
  type: number
  /** Bytes before the Ed25519 signature. */
  before: number
}

async function verifies(
  sha256: Sha256,
  { signatures }: SignedCheckpoint,
  keys: readonly VerifierKey[],
  kind: SignatureKind,
  signedText: (signature: NoteSignature) => string,
): Promise<boolean> {
  let found = false
  for (const { publicKey } of keys.filter(({ name }) => name === kind.name)) {
    const hash = hex(keyHash(sha256, kind.name, kind.type, publicKey))
    for (const signature of signatures) {
      if (signature.name !== kind.name || hex(signature.bytes.subarray(0, 4)) !== hash) continue
      if (signature.bytes.length !== kind.before + 64) return false
      if (!(await verifyEd25519(publicKey, signature.bytes.slice(kind.before), utf8(signedText(signature)))))
        return false
      found = true
    }
  }
  return found
}

const verifyEd25519 = async (
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<boolean> =>
  crypto.subtle.verify(
    'Ed25519',
    await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']),
    signature,
    data,
  )
