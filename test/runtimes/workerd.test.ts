/** Cloudflare Workers: the same core on real workerd over a real PostgreSQL. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { base64url, randomBytes } from '../../src/core/bytes.ts'
import { freshPostgres } from '../support/postgres.ts'
import { startWorkerd, type Workerd } from '../support/workerd.ts'

let worker: Workerd

beforeAll(async () => {
  const { url } = await freshPostgres()
  worker = await startWorkerd(url, {
    GARDE_ISSUER: 'https://id.example',
    GARDE_KEY_ENCRYPTION_KEY: base64url(randomBytes(32)),
  })
})
afterAll(() => worker.stop())

test('is alive, and ready with a journal it has just read', async () => {
  expect(await (await worker.fetch('/healthz')).json()).toEqual({ status: 'ok' })
  const ready = await worker.fetch('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({ status: 'ready', basis: { sequence: 0, tier: 'fresh' } })
})

test('serves its assets byte for byte with its own headers', async () => {
  const css = await worker.fetch('/assets/garde.css')
  expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(css.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(await css.text()).toContain(':root')
})
