/** The authorization server on a real port, one practice, one practitioner, and a browser that keeps cookies. */

import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { createApp } from '../../src/app.ts'
import type { EventHead, Holder } from '../../src/audit/event.ts'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { parseConfig } from '../../src/config.ts'
import type { PractitionerId } from '../../src/core/ids.ts'
import type { Outbound } from '../../src/core/ports.ts'
import type { Database } from '../../src/db/db.ts'
import { addMembership } from '../../src/people/memberships.ts'
import { createPractice } from '../../src/people/practices.ts'
import { createPractitioner } from '../../src/people/practitioners.ts'
import { beginSession, type Session } from '../../src/people/session.ts'
import { saveResource } from '../../src/resources/store.ts'
import { manualClock } from './clock.ts'
import { testServices, type TestServices } from './services.ts'

export const audience = 'https://records.example/fhir'
export const callback = 'http://127.0.0.1/callback'
/** RFC 7636 appendix B. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

export type Changes = Record<string, string | undefined>

export const present = (fields: Changes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  )

/** The address of a plain authorization request, changed as the test says; `undefined` leaves a parameter out. */
export const authorizeAddress = (changes: Changes = {}): string =>
  `/oauth/authorize?${new URLSearchParams(
    present({
      client_id: 'records-app',
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid offline_access user/*.cruds',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state: 's1',
      ...changes,
    }),
  ).toString()}`

export interface Browser {
  cookies: Map<string, string>
  /** Never follows: the answer as it is. */
  open(address: string, init?: { form?: Record<string, string>; accept?: string }): Promise<Response>
  /** Follows redirects and hand-over pages inside Garde; answers the first address outside, or the page it stays on. */
  follow(address: string, init?: { form?: Record<string, string> }): Promise<{ left?: URL; page?: string }>
  /** As the practitioner of the house unless somebody else is named. */
  signIn(holder?: Holder): Promise<Session>
}

export interface TokenBody {
  access_token?: string
  refresh_token?: string
  id_token?: string
  scope?: string
  error?: string
}

export type OauthHouse = Awaited<ReturnType<typeof oauthHouse>>

export async function oauthHouse({
  settings = {},
  ...options
}: { database?: Database; outbound?: Outbound; settings?: Record<string, string> } = {}) {
  const { server, port, answerWith } = await listen()
  const config = parseConfig({ GARDE_ISSUER: `http://localhost:${port}`, ...settings }, () => '')
  // The independent clients compare with the clock of this machine.
  const clock = manualClock(Math.floor(Date.now() / 1000))
  const services = await testServices({ ...options, config, clock })
  answerWith(createApp(services).fetch)
  const head = (): EventHead => ({ at: clock.now(), actor: { kind: 'system', id: 'test' } })
  const practice = await createPractice(
    services,
    { name: 'Cabinet des Tilleuls', recordsName: 'tilleuls', secretSignIn: true },
    head(),
  )
  const person = await createPractitioner(
    services,
    {
      givenName: 'Anne',
      familyName: 'Martin',
      email: 'anne@example.org',
      language: 'fr',
      recordsName: 'prat-anne',
    },
    head(),
  )
  const role = { role: 'clinician', doctors: 1 } as const
  const membership = await addMembership(services, person.id, practice.id, role, head())
  await saveResource(services, head(), {
    kind: 'fhir',
    name: 'records',
    audience,
    base: '/records',
    upstream: 'http://127.0.0.1:9',
  })
  await saveClient(
    services,
    head(),
    parseClient({
      id: 'records-app',
      name: 'Dossier',
      profile: 'smart-public',
      firstParty: true,
      redirectUris: [callback],
      postLogoutRedirectUris: ['http://127.0.0.1/bye'],
      scopes: ['openid', 'profile', 'offline_access', 'fhirUser', 'user/*.cruds'],
      resources: [audience],
    }),
  )
  return {
    services,
    clock,
    issuer: config.issuer,
    practice,
    person,
    membership,
    head,
    browser: () => browser(services, config.issuer, person.id),
    /** A code by the shortest way. */
    async code(changes: Changes = {}): Promise<string> {
      const its = browser(services, config.issuer, person.id)
      await its.signIn()
      const answer = await its.open(authorizeAddress(changes))
      return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
    },
    async token(changes: Changes, headers: Record<string, string> = {}) {
      const answer = await fetch(`${config.issuer}/oauth/token`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(present({ client_id: 'records-app', ...changes })).toString(),
      })
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as TokenBody }
    },
    async exchange(code: string, changes: Changes = {}) {
      return this.token({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callback,
        code_verifier: verifier,
        ...changes,
      })
    },
    async refresh(token: string | undefined, changes: Changes = {}) {
      return this.token({ grant_type: 'refresh_token', refresh_token: token, ...changes })
    },
    /** Clients that know only the standards go by the clock of this machine; a proof lives 10 s ahead of ours. */
    catchUp(): void {
      clock.advance(Math.max(0, Math.floor(Date.now() / 1000) - clock.now()))
    },
    /** The reason of the last refusal, which only the log knows. */
    reason: () => services.lines.findLast(({ message }) => message === 'refused')?.fields['reason'],
    async close() {
      await new Promise((resolve) => server.close(resolve))
      await services.close()
    },
  }
}

async function listen(): Promise<{
  server: ServerType
  port: number
  answerWith(fetch: (request: Request, bindings: { remote: string }) => Response | Promise<Response>): void
}> {
  let answer: (request: Request, bindings: { remote: string }) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 })
  return new Promise((resolve) => {
    const server = serve(
      { fetch: (request) => answer(request, { remote: '192.0.2.7' }), port: 0, hostname: 'localhost' },
      (info: AddressInfo) =>
        resolve({ server, port: info.port, answerWith: (fetch) => void (answer = fetch) }),
    )
  })
}

function browser(services: TestServices, issuer: string, practitioner: PractitionerId): Browser {
  const cookies = new Map<string, string>()

  const open: Browser['open'] = async (address, { form, accept = 'text/html' } = {}) => {
    const answer = await fetch(new URL(address, issuer), {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { origin: issuer, 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  return {
    cookies,
    open,
    async follow(address, init) {
      let answer = await open(address, init)
      for (let hops = 0; hops < 10; hops++) {
        const next = answer.headers.get('location') ?? answer.headers.get('refresh')?.replace('0; url=', '')
        if (!next) return { page: await answer.text() }
        const target = new URL(next, issuer)
        // The sign-in page is not of this house.
        if (target.origin !== issuer || target.pathname.startsWith('/signin')) return { left: target }
        answer = await open(target.href)
      }
      throw new Error('redirected in a circle')
    },
    async signIn(holder = { kind: 'practitioner', id: practitioner }) {
      const begun = await beginSession(services, {
        holder,
        acr: 'garde:passkey',
        amr: ['hwk', 'user'],
        network: '192.0.2.0/24',
        userAgent: 'test',
        sharedDesk: false,
      })
      cookies.set('__Host-garde-session', begun.cookie)
      return begun.session
    },
  }
}
