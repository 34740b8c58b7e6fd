/** The platform's synchronous primitives: node:crypto, which workerd has too. */

import { createHash, createHmac, hash, scrypt, timingSafeEqual } from 'node:crypto'
import type { Primitives } from '../core/ports.ts'

export const primitives: Primitives = {
  // Through hexadecimal: a buffer of its own for 32 bytes costs three times the hash (2.6 µs against 0.8, Node 24.21).
  sha256: (data) =>
    typeof hash === 'function'
      ? Buffer.from(hash('sha256', data, 'hex'), 'hex')
      : createHash('sha256').update(data).digest(),
  digest: (text) =>
    typeof hash === 'function'
      ? hash('sha256', text, 'base64url')
      : createHash('sha256').update(text, 'utf8').digest('base64url'),
  hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  scrypt: (secret, salt) =>
    new Promise((resolve, reject) => {
      scrypt(secret, salt, 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }, (error, key) =>
        error ? reject(error) : resolve(key),
      )
    }),
}
