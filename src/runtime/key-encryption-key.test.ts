import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openKeyEncryptionKey } from './key-encryption-key.ts'

const place = () => join(mkdtempSync(join(tmpdir(), 'garde-key-')), 'key-encryption-key')

test('the first start makes a key of 32 bytes that only its owner can read', () => {
  const path = place()
  expect(openKeyEncryptionKey(path, true)).toHaveLength(32)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('the next start reads the same key', () => {
  const path = place()
  expect(openKeyEncryptionKey(path, true)).toEqual(openKeyEncryptionKey(path, false))
})

test('a lost key is not replaced when a database was sealed with it', () => {
  const path = place()
  expect(() => openKeyEncryptionKey(path, false)).toThrow(/put it back from your backup/)
  expect(existsSync(path)).toBe(false)
})

test('a cut-off key is named and left as it is', () => {
  const path = place()
  writeFileSync(path, 'c2hvcnQ\n', { mode: 0o600 })
  expect(() => openKeyEncryptionKey(path, true)).toThrow(/not 32 bytes in base64url/)
  expect(readFileSync(path, 'utf8')).toBe('c2hvcnQ\n')
})

test('a key that others can read is refused', () => {
  const path = place()
  openKeyEncryptionKey(path, true)
  chmodSync(path, 0o644)
  expect(() => openKeyEncryptionKey(path, false)).toThrow(/chmod 600/)
})
