import { expect, test } from 'vitest'
import { checkpointSigner } from '../../test/support/checkpoint-signer.ts'
import { hex, utf8 } from '../core/bytes.ts'
import { primitives } from '../runtime/primitives.ts'
import {
  cosign,
  cosigner,
  formatVerifierKey,
  isCosigned,
  isSigned,
  NotACheckpoint,
  parseCheckpoint,
  parseVerifierKey,
  signCheckpoint,
} from './checkpoint.ts'

const { sha256 } = primitives
const root = sha256(utf8('root'))

test("a verifier key published by Go's checksum database is read and written back", () => {
  const published = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const key = parseVerifierKey(sha256, published)
  expect(formatVerifierKey(sha256, key)).toBe(published)
  expect(() => parseVerifierKey(sha256, published.replace('c74f20a3', 'c74f20a4'))).toThrow(NotACheckpoint)
})

test("a note signed by Go's implementation verifies", async () => {
  const key = parseVerifierKey(sha256, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const body =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const bytes = Uint8Array.from(
    atob('x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='),
    (character) => character.charCodeAt(0),
  )
  const note = { origin: key.name, size: 0, root, body, signatures: [{ name: key.name, bytes }] }
  expect(await isSigned(sha256, note, [key])).toBe(true)
  expect(await isSigned(sha256, { ...note, body: body.replace('cryptography', 'luck') }, [key])).toBe(false)
})

test('a checkpoint has the form of C2SP tlog-checkpoint and verifies under its own key only', async () => {
  const { sign, publicKey } = checkpointSigner()
  const note = await signCheckpoint(sha256, sign, { origin: 'garde/server', size: 20_852_163, root })
  expect(note).toMatch(/^garde\/server\n20852163\n[A-Za-z0-9+/]{43}=\n\n— garde\/server [A-Za-z0-9+/]+=*\n$/)
  const parsed = parseCheckpoint(note)
  expect(hex(parsed.root)).toBe(hex(root))
  expect(await isSigned(sha256, parsed, [{ name: 'garde/server', publicKey }])).toBe(true)
  expect(await isSigned(sha256, parsed, [{ name: 'garde/gateway-1', publicKey }])).toBe(false)
  const stranger = checkpointSigner()
  expect(await isSigned(sha256, parsed, [{ name: 'garde/server', publicKey: stranger.publicKey }])).toBe(
    false,
  )
})

test('a changed size, root or origin no longer verifies', async () => {
  const { sign, publicKey } = checkpointSigner()
  const note = await signCheckpoint(sha256, sign, { origin: 'garde/server', size: 7, root })
  const keys = [{ name: 'garde/server', publicKey }]
  const changed = [note.replace('\n7\n', '\n8\n'), note.replace(/\n[A-Za-z0-9+/]{4}/, '\nAAAA')]
  for (const forged of changed) expect(await isSigned(sha256, parseCheckpoint(forged), keys)).toBe(false)
})

test('the server cosigns with its time, and neither signature stands for the other', async () => {
  const gateway = checkpointSigner()
  const server = checkpointSigner()
  const note = await signCheckpoint(sha256, gateway.sign, { origin: 'garde/gateway-1', size: 7, root })
  const both = parseCheckpoint(await cosign(sha256, server.sign, note, 1_800_000_000))
  const keys = [
    { name: 'garde/gateway-1', publicKey: gateway.publicKey },
    { name: cosigner, publicKey: server.publicKey },
  ]
  expect(await isSigned(sha256, both, keys)).toBe(true)
  expect(await isCosigned(sha256, both, keys)).toBe(true)
  expect(await isCosigned(sha256, parseCheckpoint(note), keys)).toBe(false)
})

test.each([
  ['no signatures', 'garde/server\n7\nAAAA\n'],
  ['a size with a leading zero', 'garde/server\n07\n@\n\n— a AAAAAAA=\n'],
  ['a root of the wrong length', 'garde/server\n7\nAAAA\n\n— a AAAAAAA=\n'],
  ['an origin with a space', 'garde server\n7\n@\n\n— a AAAAAAA=\n'],
  ['a hyphen for the dash', 'garde/server\n7\n@\n\n- a AAAAAAA=\n'],
  ['nothing', ''],
])('%s is not a checkpoint', (_, note) => {
  const whole = note.replace('@', Buffer.from(root).toString('base64'))
  expect(() => parseCheckpoint(whole)).toThrow(NotACheckpoint)
})
