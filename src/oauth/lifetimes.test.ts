/** A property over generated histories: no issued token outlives its grant, its session or a restriction on it. */

import * as fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { audience, authorizeAddress, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import type { GrantId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import { endSession, stepUp, type Session } from '../people/session.ts'
import type { Restriction } from '../restrictions/restriction.ts'
import { lift, restrict } from '../restrictions/store.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import type { PersonClaims } from '../tokens/claims.ts'
import { accessTokenSeconds } from './accepted.ts'
import { findRefreshToken } from './refresh-store.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

const author = { kind: 'rule', rule: 'history' } as const
const holder = () => ({ kind: 'practitioner', id: house.person.id }) as const
const now = () => house.clock.now()

const which = fc.nat(3)
const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 2000 }) }) },
  { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 2000, max: 45_000 }) }) },
  { weight: 4, arbitrary: fc.record({ signIn: fc.constant(true) }) },
  { weight: 6, arbitrary: fc.record({ refresh: which }) },
  { weight: 2, arbitrary: fc.record({ stepUp: which }) },
  { weight: 2, arbitrary: fc.record({ signOut: which }) },
  { weight: 2, arbitrary: fc.record({ revoke: which }) },
  { weight: 2, arbitrary: fc.record({ reuse: which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      restrict: fc.constantFrom('deny' as const, 'step-up' as const),
      on: fc.constantFrom('person' as const, 'client' as const, 'grant' as const),
      of: which,
      ends: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ lift: which }) },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

/** A sign-in, what came of it, and what is known to have ended it. */
interface SignIn {
  session: Session
  first: PersonClaims
  refreshToken: string
  spent: string[]
  tokens: string[]
  signedOutAt?: number
  /** Given back, reused, or cut by a restriction that ends sessions: for ever. */
  over: boolean
}
interface Holding {
  restriction: Restriction
  matches(of: SignIn): boolean
}

/** A refusal is an answer; anything else is a bug. */
const unlessRefused = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof Refusal) return undefined
    throw error
  })

const claimsOf = (token: string) => decodeJwt<PersonClaims>(token)

async function history(acts: Act[]): Promise<void> {
  const signIns: SignIn[] = []
  const holding: Holding[] = []
  const pick = (n: number): SignIn | undefined => signIns[n % Math.max(1, signIns.length)]

  const stops = (of: SignIn, { restriction, matches }: Holding): boolean =>
    matches(of) && (restriction.effect.kind === 'deny' || of.first.auth_time <= restriction.createdAt)

  /** MUST be given nothing: what the standard calls over, worked out from the acts alone. */
  const mustBeRefused = (of: SignIn): boolean =>
    of.over ||
    of.signedOutAt !== undefined ||
    now() >= of.session.endsAt ||
    holding.some((each) => stops(of, each))

  function checkIssued(of: SignIn, token: string): void {
    const claims = claimsOf(token)
    expect(mustBeRefused(of)).toBe(false)
    expect(claims.exp).toBeLessThanOrEqual(Math.min(now() + accessTokenSeconds, of.session.endsAt))
    const { acr, auth_time, sid, grant_id, session_sequence, session_started_at } = of.first
    expect(claims).toMatchObject({ acr, auth_time, sid, grant_id, session_sequence, session_started_at })
    of.tokens.push(token)
  }

  /** As a gateway judges: signature, time, journal; no row is asked. */
  async function opens(token: string): Promise<boolean> {
    try {
      const claims = await house.services.keys.verify(token, audience, now())
      return house.services.restrictions.decide(factsOfToken(claims, true), now()).allow
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'token_expired') return false
      throw error
    }
  }

  async function checkAll(): Promise<void> {
    for (const of of signIns) {
      for (const token of of.tokens) {
        if (!(await opens(token))) continue
        expect(of.over || holding.some((each) => stops(of, each))).toBe(false)
        expect(now()).toBeLessThan(of.session.endsAt)
        expect(now()).toBeLessThan((of.signedOutAt ?? Infinity) + accessTokenSeconds)
      }
      const row = await findRefreshToken(
        house.services.db,
        hashSecret(house.services.primitives, of.refreshToken),
      )
      expect(row?.expiresAt).toBeLessThanOrEqual(of.session.endsAt)
      if (!mustBeRefused(of)) continue
      const headers = { authorization: `Bearer ${of.tokens.at(-1) ?? ''}` }
      expect((await fetch(`${house.issuer}/oauth/userinfo`, { headers })).status).not.toBe(200)
    }
  }

  const does: { [Name in string]: (given: Act) => Promise<void> } = {
    async wait(given) {
      if ('wait' in given) house.clock.advance(given.wait)
    },
    async signIn() {
      // The whole-second rule: what asks for a fresh sign-in is not satisfied within its own second.
      house.clock.advance(1)
      const browser = house.browser()
      const session = await unlessRefused(browser.signIn())
      if (!session) return
      const { left } = await browser.follow(authorizeAddress())
      const code = left?.searchParams.get('code')
      if (!code) return
      const { body } = await house.exchange(code)
      if (body.access_token === undefined) return
      const first = claimsOf(body.access_token)
      const of = {
        session,
        first,
        refreshToken: body.refresh_token ?? '',
        spent: [],
        tokens: [],
        over: false,
      }
      checkIssued(of, body.access_token)
      signIns.push(of)
    },
    async refresh(given) {
      const of = 'refresh' in given ? pick(given.refresh) : undefined
      if (!of) return
      const { body } = await house.refresh(of.refreshToken)
      if (body.access_token === undefined) return
      of.spent.push(of.refreshToken)
      of.refreshToken = body.refresh_token ?? ''
      checkIssued(of, body.access_token)
    },
    async stepUp(given) {
      const of = 'stepUp' in given ? pick(given.stepUp) : undefined
      if (!of || of.signedOutAt !== undefined || now() >= of.session.endsAt) return
      house.clock.advance(1)
      const proof = { acr: 'garde:passkey-hw', amr: ['hwk', 'user'] } as never
      const raised = await unlessRefused(stepUp(house.services, of.session, proof, house.head()))
      if (raised) of.session = raised.session
    },
    async signOut(given) {
      const of = 'signOut' in given ? pick(given.signOut) : undefined
      if (!of || of.signedOutAt !== undefined) return
      const session = { id: of.session.id, holder: holder() }
      await endSession(house.services, session, 'signed-out', house.head())
      of.signedOutAt = now()
    },
    async revoke(given) {
      const of = 'revoke' in given ? pick(given.revoke) : undefined
      if (!of) return
      await fetch(`${house.issuer}/oauth/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ client_id: 'records-app', token: of.refreshToken }).toString(),
      })
      of.over = true
    },
    async reuse(given) {
      const of = 'reuse' in given ? pick(given.reuse) : undefined
      const spent = of?.spent.at(-1)
      if (!of || spent === undefined) return
      expect((await house.refresh(spent)).status).toBe(400)
      of.over = true
    },
    async restrict(given) {
      if (!('restrict' in given)) return
      const of = pick(given.of)
      const selectors = {
        person: { practitioner: house.person.id },
        client: { client: 'records-app' as never },
        grant: { grant: of?.first.grant_id as GrantId },
      }
      if (given.on === 'grant' && !of) return
      const { restriction } = await restrict(house.services, author, {
        selector: selectors[given.on],
        effect: { kind: given.restrict },
        endsSessions: given.ends,
        reason: 'history',
      })
      const matches = (each: SignIn) => given.on !== 'grant' || each.first.grant_id === of?.first.grant_id
      holding.push({ restriction, matches })
      if (given.ends) for (const each of signIns) if (matches(each)) each.over = true
    },
    async lift(given) {
      const [lifted] = 'lift' in given ? holding.splice(given.lift % Math.max(1, holding.length), 1) : []
      if (lifted)
        await lift(house.services, author, { restriction: lifted.restriction.id, reason: 'history' })
    },
  }

  try {
    for (const given of acts) {
      const name = Object.keys(does).find((each) => each in given) ?? ''
      await does[name]?.(given)
      await checkAll()
    }
  } finally {
    for (const { restriction } of holding)
      await lift(house.services, author, { restriction: restriction.id, reason: 'over' })
  }
}

test('issue 3: whatever happens, no token outlives its grant, its session or a restriction', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), (acts) =>
      history([{ signIn: true }, ...acts]),
    ),
    { numRuns: 15 },
  )
}, 120_000)
