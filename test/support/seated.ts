/** Somebody signed in, without the ceremony: for tests of pages, not of sign-in. */

import type { Holder } from '../../src/audit/event.ts'
import { createApp } from '../../src/app.ts'
import { createOperator } from '../../src/people/operators.ts'
import { createPractitioner } from '../../src/people/practitioners.ts'
import { beginSession, type Session } from '../../src/people/session.ts'
import type { Services } from '../../src/services.ts'

export interface Seat {
  holder: Holder
  session: Session
  cookie: string
  /** A browser's request: with this seat's cookie, from our own page. */
  get(path: string): Promise<Response>
  post(path: string, fields?: Record<string, string>): Promise<Response>
}

const actor = { kind: 'system', id: 'test' } as const

export async function seatPractitioner(services: Services, familyName = 'Martin'): Promise<Seat> {
  const fields = {
    givenName: 'Claire',
    familyName,
    email: `${crypto.randomUUID()}@example.org`,
    language: 'fr' as const,
  }
  const { id } = await createPractitioner(services, fields, { at: services.clock.now(), actor })
  return seat(services, { kind: 'practitioner', id })
}

export async function seatOperator(services: Services, name = 'Ada Renard'): Promise<Seat> {
  const fields = { name, email: `${crypto.randomUUID()}@example.org`, language: 'fr' as const }
  const { id } = await createOperator(services, fields, { at: services.clock.now(), actor })
  return seat(services, { kind: 'operator', id })
}

/** One more browser of the same person. */
export async function seat(services: Services, holder: Holder): Promise<Seat> {
  const { session, cookie } = await beginSession(services, {
    holder,
    acr: 'garde:passkey',
    amr: ['hwk', 'user', 'mfa'],
    network: '192.0.2.0/24',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0',
    sharedDesk: false,
  })
  const ask = async (path: string, init: RequestInit = {}) =>
    createApp(services).request(
      `${services.config.issuer}${path}`,
      {
        ...init,
        headers: {
          cookie: `__Host-garde-session=${cookie}`,
          accept: 'text/html',
          'accept-language': 'fr',
          'sec-fetch-site': 'same-origin',
          ...(init.headers as Record<string, string>),
        },
      },
      { remote: '192.0.2.7' },
    )
  return {
    holder,
    session,
    cookie: `__Host-garde-session=${cookie}`,
    get: (path) => ask(path),
    post: (path, fields = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
      }),
  }
}
