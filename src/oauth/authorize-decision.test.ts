import { describe, expect, test } from 'vitest'
import type { OpenMembership } from '../people/memberships.ts'
import type { Session } from '../people/session.ts'
import type { Verdict } from '../restrictions/facts.ts'
import type { AcrWish } from './acr-wish.ts'
import { decideNext, type Next, type Situation } from './authorize-decision.ts'

const now = 1_000_000
const basis = { sequence: 1, ageMs: 0, tier: 'fresh' } as const
const open = (id: string): OpenMembership => ({ id, practice: `prc_${id}` }) as OpenMembership
const [tilleuls, port] = [open('tilleuls'), open('port')]
const session = {
  id: 'ses_1',
  holder: { kind: 'practitioner', id: 'prt_1' },
  facts: { session_sequence: 1 },
  authTime: now - 100,
  acr: 'garde:passkey',
} as unknown as Session

interface Said {
  prompts?: string[]
  maxAge?: number
  acr?: AcrWish
  subject?: string
  firstParty?: boolean
  literalReturn?: boolean
  scopes?: string[]
  memberships?: OpenMembership[]
  consented?: string
  choice?: Situation['choice']
  /** When the request was made; by default with another proof than now. */
  since?: number
  proofThen?: 'same' | 'unseen'
  /** By practice: why it is stopped. */
  stops?: Record<string, (Verdict & { allow: false })['reason']>
}

const proofThen = { same: 'now', other: 'then', unseen: undefined } as const

function next(said: Said): Next {
  const {
    prompts = [],
    literalReturn = true,
    maxAge,
    acr,
    firstParty = true,
    scopes = ['openid'],
    memberships = [tilleuls],
  } = said
  return decideNext({
    request: {
      client: { id: 'app', firstParty },
      scopes,
      prompts,
      maxAge,
      ...(acr && { acr }),
      literalReturn,
    } as Situation['request'],
    session,
    memberships,
    consented: said.consented,
    choice: said.choice ?? {},
    since:
      said.since === undefined ? undefined : { at: said.since, proof: proofThen[said.proofThen ?? 'other'] },
    proof: 'now',
    ...(said.subject !== undefined && { subject: said.subject }),
    decide: ({ practice = '' }) => {
      const reason = said.stops?.[practice.slice(4)]
      return reason ? { allow: false, reason, basis } : { allow: true, basis }
    },
    now,
  })
}

const short = (said: Said): string => {
  const what = next(said)
  if (what.do === 'refuse') return what.reason
  if (what.do === 'sign-in') return what.stepUp ? 'confirm' : 'sign in'
  if (what.do === 'grant') return `grant ${what.membership.id}`
  if (what.do === 'ask-account') return 'ask account'
  if (what.do === 'ask-patient') return `ask patient of ${what.membership.id}`
  return `ask ${what.among.map(({ id }) => id).join('+')}${what.consent ? ' consent' : ''}`
}

const passkey = (essential: boolean): AcrWish => ({ values: ['garde:passkey'], essential })
const hardware = (essential: boolean): AcrWish => ({ values: ['garde:passkey-hw'], essential })

describe('an authorization request needs', () => {
  test.each<[string, Said, string]>([
    ['nothing', {}, 'grant tilleuls'],
    ['no practice at all', { memberships: [] }, 'no_membership'],
    ['a choice', { memberships: [tilleuls, port] }, 'ask tilleuls+port'],
    ['a choice, made', { memberships: [tilleuls, port], choice: { membership: 'port' } }, 'grant port'],
    ['a choice of somebody else', { choice: { membership: 'ailleurs' } }, 'no_membership'],
    [
      'a choice, silently',
      { memberships: [tilleuls, port], prompts: ['none'] },
      'account_selection_required',
    ],
    [
      'no choice where one practice is stopped',
      { memberships: [tilleuls, port], stops: { port: 'restricted' } },
      'grant tilleuls',
    ],
    [
      'the stopped one, chosen',
      { memberships: [tilleuls, port], stops: { port: 'restricted' }, choice: { membership: 'port' } },
      'restricted',
    ],
    [
      'all stopped',
      { memberships: [tilleuls, port], stops: { tilleuls: 'restricted', port: 'restricted' } },
      'restricted',
    ],
    ['state that nobody knows', { stops: { tilleuls: 'state_unavailable' } }, 'state_unavailable'],
    ['a fresh proof', { stops: { tilleuls: 'step_up_required' } }, 'confirm'],
    [
      'a fresh proof, silently',
      { stops: { tilleuls: 'step_up_required' }, prompts: ['none'] },
      'login_required',
    ],
    [
      'a fresh proof only for the practice chosen',
      {
        memberships: [tilleuls, port],
        stops: { port: 'step_up_required' },
        choice: { membership: 'tilleuls' },
      },
      'grant tilleuls',
    ],
    ['another session', { stops: { tilleuls: 'session_ended' } }, 'sign in'],
    ['prompt=login', { prompts: ['login'] }, 'confirm'],
    ['prompt=login, done before the request', { prompts: ['login'], since: now - 99 }, 'confirm'],
    ['prompt=login, done since', { prompts: ['login'], since: now - 100 }, 'grant tilleuls'],
    [
      'prompt=login, done in the second of the request, before it',
      { prompts: ['login'], since: now - 100, proofThen: 'same' },
      'confirm',
    ],
    [
      'prompt=login, done nobody saw whether before or after it',
      { prompts: ['login'], since: now - 100, proofThen: 'unseen' },
      'confirm',
    ],
    [
      'prompt=login, done in a later second',
      { prompts: ['login'], since: now - 101, proofThen: 'unseen' },
      'grant tilleuls',
    ],
    ['max_age, just young enough', { maxAge: 100 }, 'grant tilleuls'],
    ['max_age, too old', { maxAge: 99 }, 'confirm'],
    ['max_age, renewed since', { maxAge: 0, since: now - 100 }, 'grant tilleuls'],
    ['max_age, silently', { maxAge: 99, prompts: ['none'] }, 'login_required'],
    ['consent', { firstParty: false }, 'ask tilleuls consent'],
    ['consent, given before', { firstParty: false, consented: 'openid profile' }, 'grant tilleuls'],
    [
      'consent to more',
      { firstParty: false, consented: 'openid', scopes: ['openid', 'profile'] },
      'ask tilleuls consent',
    ],
    [
      'first-party, more than before',
      { consented: 'openid', scopes: ['openid', 'profile'] },
      'grant tilleuls',
    ],
    ['first-party, forgotten', { consented: '' }, 'ask tilleuls consent'],
    ['consent, forgotten', { firstParty: false, consented: '' }, 'ask tilleuls consent'],
    ['consent, denied', { firstParty: false, choice: { consent: 'denied' } }, 'consent_denied'],
    ['consent, given', { firstParty: false, choice: { consent: 'given' } }, 'grant tilleuls'],
    ['consent, silently', { firstParty: false, prompts: ['none'] }, 'consent_required'],
    [
      'consent and a choice, silently',
      { firstParty: false, memberships: [tilleuls, port], prompts: ['none'] },
      'interaction_required',
    ],
    ['max_age=0, a moment after a sign-in', { maxAge: 0 }, 'confirm'],
    ['select_account', { prompts: ['select_account'] }, 'ask account'],
    [
      'select_account, answered',
      { prompts: ['select_account'], choice: { account: 'prt_1' } },
      'grant tilleuls',
    ],
    [
      'select_account, answered by another',
      { prompts: ['select_account'], choice: { account: 'prt_2' } },
      'ask account',
    ],
    ['select_account, signed in since', { prompts: ['select_account'], since: now - 100 }, 'grant tilleuls'],
    ['the person that the client means', { subject: 'prt_1' }, 'grant tilleuls'],
    ['another person than it means', { subject: 'prt_2' }, 'sign in'],
    ['another person, silently', { subject: 'prt_2', prompts: ['none'] }, 'login_required'],
    ['another person once more', { subject: 'prt_2', since: now - 100 }, 'login_required'],
    ['a strength that is reached', { acr: passkey(true) }, 'grant tilleuls'],
    ['a strength that is not reached', { acr: hardware(false) }, 'confirm'],
    ['a strength not reached, asked before', { acr: hardware(false), since: now - 100 }, 'grant tilleuls'],
    ['a strength not reached, silently', { acr: hardware(false), prompts: ['none'] }, 'grant tilleuls'],
    ['an essential strength', { acr: hardware(true) }, 'confirm'],
    ['an essential strength, silently', { acr: hardware(true), prompts: ['none'] }, 'login_required'],
    ['an essential strength not reached', { acr: hardware(true), since: now - 100 }, 'authentication_unmet'],
    ['an essential strength nobody knows', { acr: { values: [], essential: true } }, 'authentication_unmet'],
    ['consent, asked by the client', { prompts: ['consent'], consented: 'openid' }, 'ask tilleuls consent'],
    [
      'consent, on a port of its own choice',
      { literalReturn: false, consented: 'openid' },
      'ask tilleuls consent',
    ],
    ['both', { firstParty: false, memberships: [tilleuls, port] }, 'ask tilleuls+port consent'],
    [
      'both, one answered',
      { firstParty: false, memberships: [tilleuls, port], choice: { consent: 'given' } },
      'ask tilleuls+port consent',
    ],
  ])('%s', (_name, said, expected) => expect(short(said)).toBe(expected))

  test('an essential strength is stated as it was named, and never above what happened', () => {
    const acr = (values: AcrWish['values']) => next({ acr: { values, essential: true } })
    expect(acr(['garde:secret-otp'])).toMatchObject({ acr: 'garde:secret-otp' })
    expect(acr(['garde:secret-otp', 'garde:passkey-hw'])).toMatchObject({ acr: 'garde:secret-otp' })
    expect(next({ acr: { values: ['garde:secret-otp'], essential: false } })).toMatchObject({
      acr: 'garde:passkey',
    })
  })

  test('consent that was not asked for is not recorded', () => {
    expect(next({ choice: { consent: 'given' } })).toMatchObject({ do: 'grant', consentGiven: false })
  })
})
