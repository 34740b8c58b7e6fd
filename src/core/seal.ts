/** Secrets at rest: AES-256-GCM under the key-encryption key (NIST SP 800-38D), bound to what they are for. */

import { base64url, concat, fromBase64url, randomBytes, utf8 } from './bytes.ts'

/** 32 bytes, from the environment or a file; never logged, never in the database. */
export type KeyEncryptionKey = Uint8Array<ArrayBuffer>

const importKey = (key: KeyEncryptionKey) =>
  crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])

/** base64url(nonce ‖ ciphertext ‖ tag). `context` names row and column, so that a sealed value cannot be moved. */
export async function seal(
  key: KeyEncryptionKey,
  plain: Uint8Array<ArrayBuffer>,
  context: string,
): Promise<string> {
  const iv = randomBytes(12)
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: utf8(context) },
    await importKey(key),
    plain,
  )
  return base64url(concat(iv, new Uint8Array(sealed)))
}

/** Throws (a bug or a wrong key, never a refusal) when key, context or bytes are not the ones it was sealed with. */
export async function unseal(
  key: KeyEncryptionKey,
  sealed: string,
  context: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = fromBase64url(sealed)
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: bytes.slice(0, 12), additionalData: utf8(context) },
    await importKey(key),
    bytes.slice(12),
  )
  return new Uint8Array(plain)
}
