/** People for stories: browsers that keep cookies, practitioners and operators who enrol through the front door. */

import type { Hono } from 'hono'
import type { EventHead, Holder } from '../../src/audit/event.ts'
import { hours } from '../../src/core/time.ts'
import { createAuthenticator, type Authenticator } from '../../src/demo/authenticator.ts'
import { inviteHolder } from '../../src/people/enrolment.ts'
import { addMembership } from '../../src/people/memberships.ts'
import { createOperator } from '../../src/people/operators.ts'
import { createPractice, type Practice } from '../../src/people/practices.ts'
import { createPractitioner, type Practitioner } from '../../src/people/practitioners.ts'
import type { Role } from '../../src/tokens/claims.ts'
import type { Services } from '../../src/services.ts'
import type { Env } from '../../src/web.ts'

type App = Hono<Env>

/** A browser at one address, with a cookie jar. Paths are of the authorization server. */
export interface Browser {
  cookies: Map<string, string>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** What a module posts. */
  json(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** What a form posts. */
  form(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
}

export function openBrowser(app: App, issuer: string, remote = '192.0.2.7'): Browser {
  const cookies = new Map<string, string>()
  interface Sent {
    method?: string
    body?: string
    headers: Record<string, string>
  }
  const send = async (path: string, init: Sent) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      'User-Agent': 'Firefox/140.0 (Windows)',
      ...(cookie && { Cookie: cookie }),
      ...init.headers,
    }
    const response = await app.request(`${issuer}${path}`, { ...init, headers }, { remote })
    for (const line of response.headers.getSetCookie()) keep(cookies, line)
    return response
  }
  const own = { 'Sec-Fetch-Site': 'same-origin' }
  return {
    cookies,
    get: (path, headers = {}) => send(path, { headers: { Accept: 'text/html', ...headers } }),
    json: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...own, ...headers },
      }),
    form: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: {
          'Content-Type': 'application/x-www-form-urlencoded',
          Accept: 'text/html',
          ...own,
          ...headers,
        },
      }),
  }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const gone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))
  if (gone) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

/** Fails with the answer's text: a story that goes wrong says where. */
export async function ok(response: Response, status = 200): Promise<Response> {
  if (response.status !== status)
    throw new Error(`expected ${status}, got ${response.status}: ${(await response.text()).slice(0, 600)}`)
  return response
}

const setupHead = (services: Services): EventHead => ({
  at: services.clock.now(),
  actor: { kind: 'system', id: 'test' },
})

let counter = 0
/** One name per call within a worker. */
const unique = (): string => `${(counter += 1)}-${crypto.randomUUID().slice(0, 8)}`

export const openPractice = (
  services: Services,
  fields: Partial<Pick<Practice, 'name' | 'recordsName' | 'secretSignIn'>> = {},
): Promise<Practice> =>
  createPractice(
    services,
    { name: 'Cabinet des Lilas', recordsName: `practice-${unique()}`, secretSignIn: true, ...fields },
    setupHead(services),
  )

export const newPerson = (
  services: Services,
  fields: Partial<Pick<Practitioner, 'givenName' | 'familyName' | 'email'>> = {},
): Promise<Practitioner> =>
  createPractitioner(
    services,
    {
      givenName: 'Anne',
      familyName: 'Martin',
      email: `anne.${unique()}@example.org`,
      language: 'fr',
      ...fields,
    },
    setupHead(services),
  )

/** The token of a fresh invitation, as it stands in the link's fragment. */
export async function invite(
  services: Services,
  holder: Holder,
  purpose: 'enrol' | 'setup' = 'enrol',
): Promise<string> {
  const invitation = { holder, purpose, lifetimeSeconds: hours(1) }
  const { url } = await inviteHolder(services, invitation, setupHead(services))
  return new URL(url).hash.slice(1)
}

/** Opens the link, registers a passkey, is signed in. */
export async function enrol(
  browser: Browser,
  token: string,
  authenticator: Authenticator,
  fields: Record<string, string> = {},
): Promise<void> {
  await ok(await browser.form('/signin/enrol', { link: token }), 303)
  const options = await ok(await browser.json('/signin/enrol/options', fields))
  const answer = authenticator.create((await options.json()) as Parameters<Authenticator['create']>[0])
  await ok(await browser.json('/signin/enrol/passkey', { ...fields, answer }))
}

export interface Enrolled {
  practitioner: Practitioner
  practice: Practice
  authenticator: Authenticator
  browser: Browser
}

/** A practitioner of one practice, enrolled with a passkey and signed in in a browser of their own. */
export async function enrolPractitioner(
  app: App,
  services: Services,
  options: {
    practice?: Practice
    role?: Role
    authenticator?: Authenticator
    remote?: string
    givenName?: string
    familyName?: string
    email?: string
  } = {},
): Promise<Enrolled> {
  const { practice: given, role, authenticator: device, remote, ...person } = options
  const practitioner = await newPerson(services, person)
  const practice = given ?? (await openPractice(services))
  await addMembership(
    services,
    practitioner.id,
    practice.id,
    { role: role ?? 'clinician', doctors: 1 },
    setupHead(services),
  )
  const authenticator = device ?? createAuthenticator({ origin: services.config.issuer })
  const browser = openBrowser(app, services.config.issuer, remote)
  await enrol(browser, await invite(services, { kind: 'practitioner', id: practitioner.id }), authenticator)
  return { practitioner, practice, authenticator, browser }
}

/** An operator, enrolled with a passkey and signed in. */
export async function enrolOperator(app: App, services: Services, name = 'Olive Garnier') {
  const operator = await createOperator(
    services,
    { name, email: `security.${unique()}@example.org`, language: 'fr' },
    setupHead(services),
  )
  const authenticator = createAuthenticator({ origin: services.config.issuer })
  const browser = openBrowser(app, services.config.issuer)
  await enrol(browser, await invite(services, { kind: 'operator', id: operator.id }), authenticator)
  return { operator, authenticator, browser }
}

type RequestOptions = Parameters<Authenticator['get']>[0]

/** Signs in with a passkey; answers the response, whatever it is. */
export async function tryPasskey(
  browser: Browser,
  authenticator: Authenticator,
  fields: Record<string, string> = {},
): Promise<Response> {
  const options = await ok(await browser.json('/signin/passkey/options', {}))
  const answer = authenticator.get((await options.json()) as RequestOptions)
  return browser.json('/signin/passkey', { ...fields, answer })
}

/** Signs in with a passkey; answers where the browser goes next. */
export async function signIn(
  browser: Browser,
  authenticator: Authenticator,
  fields: Record<string, string> = {},
): Promise<string> {
  const { continue: target } = (await (
    await ok(await tryPasskey(browser, authenticator, fields))
  ).json()) as {
    continue: string
  }
  return target
}

/** A fresh passkey for one act: what its form sends in `assertion`. `act`: its digest. */
export async function confirmAct(
  browser: Browser,
  authenticator: Authenticator,
  act: string,
): Promise<string> {
  const options = await ok(await browser.json('/signin/confirm/options', { act }))
  return JSON.stringify(authenticator.get((await options.json()) as RequestOptions))
}
