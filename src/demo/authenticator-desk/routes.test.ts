import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../app.ts'
import type { Env } from '../../web.ts'
import { testServices } from '../../../test/support/services.ts'
import { openDesk, type Desk } from './desk.ts'
import { aroundGarde } from './routes.ts'

const origin = 'http://localhost:4800'
let folder: string
let desk: Desk
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'garde-desk-'))
  file = join(folder, 'passkeys.json')
  desk = openDesk({ origin, file })
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const creation = {
  rp: { id: 'localhost', name: 'Garde' },
  user: { id: 'cHJ0X3g', name: 'camille@demo.example', displayName: 'Camille' },
  challenge: 'AAAA',
  pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }],
}
const ask = (app: Hono<Env>, path: string, body?: unknown, site = 'same-origin') =>
  app.request(
    `${origin}${path}`,
    body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'Sec-Fetch-Site': site } },
    { remote: '127.0.0.1' },
  )
const page = new Hono<Env>()
  .get('/signin', (c) => c.html('<!doctype html><html><head><title>x</title></head></html>'))
  .get('/data', (c) => c.json({ head: '<head>' }))

test('what npm start serves has neither its routes nor its script', async () => {
  const services = await testServices()
  const app = createApp(services)
  for (const path of ['script.js', 'style.css', 'people'])
    expect((await ask(app, `/demo/authenticator/${path}`)).status).toBe(404)
  for (const path of ['get', 'create'])
    expect((await ask(app, `/demo/authenticator/${path}`, { person: 'camille', options: {} })).status).toBe(
      404,
    )
  const html = await app.request(`${origin}/nowhere`, { headers: { accept: 'text/html' } }, { remote: '::1' })
  expect(await html.text()).not.toContain('/demo/')
  await services.close()
})

test('the demo gives pages the script first of all, and nothing else', async () => {
  const app = aroundGarde(page, desk)
  expect(await (await ask(app, '/signin')).text()).toContain(
    '<head><script src="/demo/authenticator/script.js"></script><title>',
  )
  expect(await (await ask(app, '/data')).json()).toEqual({ head: '<head>' })
})

test('answers for the person chosen, and remembers the passkey in a file of its owner’s', async () => {
  const app = aroundGarde(page, desk)
  const made = await ask(app, '/demo/authenticator/create', { person: 'camille', options: creation })
  const { id } = (await made.json()) as { id: string }
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const later = aroundGarde(page, openDesk({ origin, file }))
  const options = { challenge: 'AAAA', rpId: 'localhost' }
  const used = await ask(later, '/demo/authenticator/get', { person: 'camille', options })
  expect(await used.json()).toMatchObject({ id, response: { userHandle: 'cHJ0X3g' } })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ camille: [{ id, counter: 1 }] })
})

test('refuses a name that was pointed at this machine', async () => {
  const app = aroundGarde(page, desk)
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  const body = JSON.stringify({ person: 'camille', options: creation })
  const address = 'http://evil.example:4800/demo/authenticator/create'
  expect((await app.request(address, { method: 'POST', headers, body }, { remote: '::1' })).status).toBe(403)
})

test.each<[string, unknown, string, number]>([
  ['another site', { person: 'camille', options: creation }, 'cross-site', 403],
  ['somebody of no passkey', { person: 'karim', options: { challenge: 'AAAA' } }, 'same-origin', 409],
  [
    'another relying party',
    { person: 'karim', options: { challenge: 'A', rpId: 'x.example' } },
    'same-origin',
    409,
  ],
  ['no person', { options: {} }, 'same-origin', 400],
  ['a name that is a property of objects', { person: '__proto__', options: {} }, 'same-origin', 400],
])('refuses %s', async (_name, body, site, status) => {
  const app = aroundGarde(page, desk)
  expect((await ask(app, '/demo/authenticator/get', body, site)).status).toBe(status)
})
