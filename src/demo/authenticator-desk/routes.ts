/**
 * `/demo/authenticator/…` on Garde's own origin, and a script tag in its pages: only what `npm run demo` starts has them.
 * The script does nothing until the visitor asks for it; the pages' content security policy stays as it is.
 */

import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Env } from '../../web.ts'
import { nameOf, operators, people, practices } from '../data/cast.ts'
import type { Desk } from './desk.ts'

const prefix = '/demo/authenticator'
const asset = (name: string) => readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8')

/** The ceremony's options are the product's own; the device checks what it needs of them. */
const ask = z.strictObject({ person: z.string().regex(/^[a-z0-9@.-]{1,80}$/), options: z.looseObject({}) })

/** Garde's app with the authenticator around it: its routes first, then the app, its pages given the script. */
export function aroundGarde(garde: Hono<Env>, desk: Desk): Hono<Env> {
  const app = new Hono<Env>()
  mount(app, desk)
  app.all('*', async (c) => withScript(await garde.fetch(c.req.raw, c.env)))
  return app
}

function mount(app: Hono<Env>, desk: Desk): void {
  const script = asset('demo-authenticator.js')
  const style = asset('demo-authenticator.css')
  app.get(`${prefix}/script.js`, (c) => c.body(script, 200, { 'Content-Type': 'text/javascript' }))
  app.get(`${prefix}/style.css`, (c) => c.body(style, 200, { 'Content-Type': 'text/css' }))
  app.get(`${prefix}/people`, (c) => c.json(groups()))
  for (const ceremony of ['create', 'get'] as const)
    app.post(`${prefix}/${ceremony}`, bodyLimit({ maxSize: 64_000 }), async (c) => {
      // A name that was pointed at this machine is another site, whatever its pages say.
      const own =
        c.req.header('sec-fetch-site') === 'same-origin' && new URL(c.req.url).origin === desk.origin
      if (!own) return c.json({ error: 'NotAllowedError' }, 403)
      const asked = ask.safeParse(await c.req.json().catch(() => undefined))
      if (!asked.success) return c.json({ error: 'TypeError' }, 400)
      const { person, options } = asked.data
      try {
        return c.json(desk[ceremony](person, options as never))
      } catch (error) {
        if (!(error instanceof DOMException)) throw error
        return c.json({ error: error.name }, 409)
      }
    })
}

/** Who can be chosen, as the script shows it. */
function groups() {
  const ofPractice = practices.map(({ recordsName, name }) => ({
    label: { fr: name, en: name },
    people: people
      .filter(({ memberships }) => memberships[0]?.practice === recordsName)
      .map((person) => ({ key: person.key, name: nameOf(person), detail: person.profession })),
  }))
  const security = {
    label: { fr: 'Équipe sécurité (console)', en: 'Security team (console)' },
    people: operators.map(({ key, name }) => ({
      key,
      name,
      detail: { fr: 'opérateur', en: 'operator' },
    })),
  }
  return [...ofPractice, security]
}

/** First in the head, so that it is there before a page asks for a passkey. */
async function withScript(answer: Response): Promise<Response> {
  if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) return answer
  const page = (await answer.text()).replace('<head>', `<head><script src="${prefix}/script.js"></script>`)
  const headers = new Headers(answer.headers)
  headers.delete('content-length')
  return new Response(page, { status: answer.status, statusText: answer.statusText, headers })
}
