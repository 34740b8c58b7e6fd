/** Assets, language and refusal pages, through the front door. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'

let services: TestServices
beforeAll(async () => {
  services = await testServices()
})
afterAll(() => services.close())

const ask = (path: string, headers: Record<string, string> = {}) =>
  createApp(services).request(`http://localhost:4800${path}`, { headers }, { remote: '192.0.2.7' })

test('the style sheet is served byte for byte, and not again when it is known', async () => {
  const first = await ask('/assets/garde.css')
  expect(first.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(await first.text()).toContain('--paper')
  const again = await ask('/assets/garde.css', { 'if-none-match': first.headers.get('etag') ?? '' })
  expect(again.status).toBe(304)
})

test.each(['/assets/none.css', '/assets/..%2flayout.ts', '/assets/garde.css%00', '/assets/layout.ts'])(
  '%s is nowhere',
  async (path) => {
    expect((await ask(path)).status).toBe(404)
  },
)

test('a chosen language is kept and the address cleaned', async () => {
  const switched = await ask('/nowhere?a=1&language=en')
  expect(switched.status).toBe(303)
  expect(switched.headers.get('location')).toBe('http://localhost:4800/nowhere?a=1')
  const cookie = (switched.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const page = await ask('/nowhere', { cookie, 'accept-language': 'fr', accept: 'text/html' })
  expect(await page.text()).toContain('<html lang="en">')
})

test('the language switch leads nowhere else', async () => {
  const switched = await ask('//evil.example/x?language=fr')
  expect(new URL(switched.headers.get('location') ?? '').origin).toBe('http://localhost:4800')
})

test('a refusal page says one thing to do and a code that the log carries', async () => {
  const page = await (await ask('/nowhere', { accept: 'text/html' })).text()
  expect(page).toContain('<h1>Rien à cette adresse.</h1>')
  expect(page).toContain('href="/account"')
  const code = /<code>([0-9A-Z]{4}-[0-9A-Z]{4})<\/code>/.exec(page)?.[1]
  expect(services.lines.at(-1)?.fields['support']).toBe(code)
})
