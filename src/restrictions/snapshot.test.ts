import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dawn, facts, instant, journal } from '../../test/support/histories.ts'
import type { Facts, Judgement } from './facts.ts'
import type { JournalRow, Restriction } from './restriction.ts'
import { decide, emptySnapshot, extend, longestSession, mergeJournals, selects } from './snapshot.ts'

const at = dawn + 1_000
const compile = (all: readonly JournalRow[], now = dawn) => extend(emptySnapshot, all, now)

/** Literal rows: the first is sequence 1, and so on. */
function rows(...acts: (Partial<Restriction> | { lifts: string })[]): JournalRow[] {
  return acts.map((act, index) => {
    const common = {
      sequence: index + 1,
      createdAt: dawn,
      reason: 'r',
      author: { kind: 'rule', rule: 'r' } as const,
    }
    if ('lifts' in act)
      return { kind: 'lift', lift: { ...common, restriction: act.lifts as Restriction['id'] } }
    return {
      kind: 'restrict',
      restriction: {
        ...common,
        id: `rst_${index + 1}` as Restriction['id'],
        selector: { everything: true },
        effect: { kind: 'deny' },
        endsSessions: false,
        ...act,
      },
    }
  })
}

const someone = {
  practitioner: 'prt_aa',
  practice: 'prc_aa',
  session: 'ses_aa',
  sessionSequence: 0,
  safe: true,
}
const who = (more: object = {}): Facts => ({ ...someone, authTime: dawn, ...more }) as Facts
const judge = (journalRows: JournalRow[], asked: Facts, now = at): Judgement =>
  decide(asked, compile(journalRows), now)

describe('one restriction', () => {
  test('deny stops whom it selects', () => {
    const cut = rows({ selector: { practice: 'prc_aa' } as Restriction['selector'] })
    expect(judge(cut, who())).toEqual({ allow: false, reason: 'restricted', by: 'rst_1' })
    expect(judge(cut, who({ practice: 'prc_bb' }))).toEqual({ allow: true })
  })

  test('a conjunction needs every key', () => {
    const cut = rows({ selector: { practice: 'prc_aa', practitioner: 'prt_bb' } as Restriction['selector'] })
    expect(judge(cut, who())).toEqual({ allow: true })
    expect(judge(cut, who({ practitioner: 'prt_bb' }))).toMatchObject({ reason: 'restricted' })
  })

  test('a client is cut wherever it stands in a chain of clients', () => {
    const cut = rows({ selector: { client: 'app' } as Restriction['selector'] })
    const narrow = rows({ selector: { client: 'app', practice: 'prc_bb' } as Restriction['selector'] })
    const chain = who({ client: 'lab', through: ['app', 'lab'] })
    expect(judge(cut, chain)).toMatchObject({ reason: 'restricted' })
    expect(judge(narrow, chain)).toEqual({ allow: true })
    expect(judge(cut, who({ client: 'lab', through: ['other', 'lab'] }))).toEqual({ allow: true })
    expect(judge(cut, who({ client: 'lab' }))).toEqual({ allow: true })
  })

  test('everything never reaches an operator', () => {
    expect(judge(rows({}), { operator: 'opr_aa', safe: false } as Facts)).toEqual({ allow: true })
  })

  test('read-only leaves reading', () => {
    const cut = rows({ effect: { kind: 'read-only' } })
    expect(judge(cut, who())).toEqual({ allow: true })
    expect(judge(cut, who({ safe: false }))).toMatchObject({ reason: 'read_only' })
  })

  test('step-up asks whoever proved himself before it', () => {
    const cut = rows({ effect: { kind: 'step-up' } })
    expect(judge(cut, who({ authTime: dawn - 1 }))).toMatchObject({ reason: 'step_up_required' })
    expect(judge(cut, who({ authTime: dawn }))).toMatchObject({ reason: 'step_up_required' })
    expect(judge(cut, who({ authTime: dawn + 1 }))).toEqual({ allow: true })
    expect(judge(cut, who({ authTime: undefined }))).toMatchObject({ reason: 'step_up_required' })
    expect(judge(cut, { practitioner: 'prt_aa', safe: true } as Facts)).toEqual({ allow: true })
  })

  test('quotas: the smallest is told, with its message', () => {
    const message = { fr: 'Plus de nouveau dossier.', en: 'No new record.' }
    const cut = rows(
      { effect: { kind: 'quota', patients: 5 } },
      { effect: { kind: 'quota', patients: 0 }, message },
    )
    expect(judge(cut, who())).toEqual({ allow: true, newPatients: 0, by: 'rst_2', message })
  })

  test('expiry is judged when asked', () => {
    const cut = rows({ expiresAt: at })
    expect(judge(cut, who(), at - 1)).toMatchObject({ allow: false })
    expect(judge(cut, who(), at)).toEqual({ allow: true })
  })

  test('a lift ends the effect', () => {
    expect(judge(rows({}, { lifts: 'rst_1' }), who())).toEqual({ allow: true })
  })
})

describe('ended sessions', () => {
  const cut = rows(
    { endsSessions: true, effect: { kind: 'read-only' }, expiresAt: dawn + 60 },
    { lifts: 'rst_1' },
  )

  test('stay ended after expiry and lift', () => {
    expect(judge(cut, who())).toEqual({ allow: false, reason: 'session_ended', by: 'rst_1' })
  })

  test('begun later only feel the effect', () => {
    expect(judge(cut, who({ sessionSequence: 1 }))).toEqual({ allow: true })
  })

  test('that cannot say when they began count as begun before', () => {
    expect(judge(cut, who({ sessionSequence: undefined }))).toMatchObject({ reason: 'session_ended' })
  })

  test('a service’s token, which has no session, ends when it was issued before', () => {
    const service = (sessionSequence: number) =>
      who({ session: undefined, practitioner: undefined, grant: undefined, sessionSequence })
    expect(judge(cut, service(0))).toMatchObject({ reason: 'session_ended' })
    expect(judge(cut, service(1))).toEqual({ allow: true })
  })

  test('are remembered until the longest possible session is over', () => {
    expect(compile(cut, dawn + longestSession - 1).standing).toHaveLength(1)
    expect(compile(cut, dawn + longestSession).standing).toHaveLength(0)
  })

  test('while a deny stands, its own message is said', () => {
    expect(judge(rows({ endsSessions: true }), who())).toMatchObject({ reason: 'restricted' })
  })
})

describe('the journal', () => {
  test('a gap is thrown, not skipped', () => {
    const [, second] = rows({}, {})
    expect(() => compile(second ? [second] : [])).toThrow('journal gap: expected 1, got 2')
  })

  test('two rows that claim one place are thrown', () => {
    const [other] = rows({ id: 'rst_other' as Restriction['id'] })
    expect(() => mergeJournals(rows({}), other ? [other] : [])).toThrow('journal forked at 1')
  })
})

/** The same contract, walked over every row for every question. */
function slowWalk(asked: Facts, all: readonly JournalRow[], now: number): Judgement {
  const order = ['restricted', 'session_ended', 'read_only', 'step_up_required'] as const
  const selected = all.flatMap((row) =>
    row.kind === 'restrict' && selects(row.restriction.selector, asked) ? [row.restriction] : [],
  )
  const live = (r: Restriction) =>
    (r.expiresAt ?? Infinity) > now &&
    !all.some((row) => row.kind === 'lift' && row.lift.restriction === r.id)
  const says = (r: Restriction, reason: (typeof order)[number]): boolean => {
    if (reason === 'session_ended')
      return (
        r.endsSessions &&
        (asked.session ?? asked.sessionSequence) !== undefined &&
        (asked.sessionSequence ?? -1) < r.sequence
      )
    if (!live(r)) return false
    if (reason === 'restricted') return r.effect.kind === 'deny'
    if (reason === 'read_only') return r.effect.kind === 'read-only' && !asked.safe
    const known = asked.session ?? asked.authTime
    return r.effect.kind === 'step-up' && known !== undefined && (asked.authTime ?? -1) < r.createdAt
  }
  for (const reason of order) {
    const by = selected.find((r) => says(r, reason))
    if (by) return { allow: false, reason, by: by.id }
  }
  const [quota] = selected
    .flatMap((r) => (r.effect.kind === 'quota' && live(r) ? [{ id: r.id, patients: r.effect.patients }] : []))
    .toSorted((a, b) => a.patients - b.patients)
  return quota ? { allow: true, newPatients: quota.patients, by: quota.id } : { allow: true }
}

describe('for every history', () => {
  test('the indexed answer is the slow walk’s', () => {
    fc.assert(
      fc.property(journal, facts, instant, (all, asked, now) => {
        // Sessions live 12 h at most: nobody asks with one that began before a restriction so long ago.
        fc.pre(now < dawn + longestSession)
        expect(decide(asked, compile(all, now), now)).toEqual(slowWalk(asked, all, now))
      }),
      { numRuns: 500 },
    )
  })

  test('copies merge in any order, any number of times, and lose no row', () => {
    const part = fc.array(fc.boolean(), { minLength: 14, maxLength: 14 })
    fc.assert(
      fc.property(journal, part, part, (all, inA, inB) => {
        const a = all.filter((_, index) => inA[index])
        const b = all.filter((_, index) => inB[index])
        const merged = mergeJournals(a, b)
        expect(merged).toEqual(mergeJournals(b, a))
        expect(mergeJournals(merged, a, merged)).toEqual(merged)
        expect(merged).toEqual(all.filter((_, index) => inA[index] || inB[index]))
      }),
    )
  })

  test('reading it in pieces, or twice, says the same', () => {
    fc.assert(
      fc.property(journal, fc.nat(14), facts, instant, (all, cut, asked, now) => {
        const whole = compile(all, dawn)
        const pieces = extend(extend(compile(all.slice(0, cut)), all.slice(cut), dawn), all, dawn)
        expect(decide(asked, pieces, now)).toEqual(decide(asked, whole, now))
      }),
    )
  })

  test('what was ended never comes back by a lift', () => {
    fc.assert(
      fc.property(journal, facts, instant, (all, asked, now) => {
        const before = decide(asked, compile(all), now)
        fc.pre(!before.allow && before.reason === 'session_ended')
        const lifts = all
          .flatMap((row) => (row.kind === 'restrict' ? [row.restriction] : []))
          .map((made, index): JournalRow => ({ kind: 'lift', lift: liftOf(made, all.length + index + 1) }))
        const lifted = mergeJournals(all, lifts)
        expect(decide(asked, compile(lifted), now)).toMatchObject({ reason: 'session_ended' })
      }),
    )
  })

  test('no restriction is weakened but by its own lift', () => {
    fc.assert(
      fc.property(journal, journal, facts, instant, (all, more, asked, now) => {
        const before = decide(asked, compile(all), now)
        fc.pre(!before.allow)
        const further = more.flatMap((row) => (row.kind === 'restrict' ? [row.restriction] : []))
        const longer = further.map((r, index): JournalRow => ({
          kind: 'restrict',
          restriction: { ...r, id: `${r.id}x` as Restriction['id'], sequence: all.length + 1 + index },
        }))
        expect(decide(asked, compile([...all, ...longer]), now).allow).toBe(false)
      }),
    )
  })
})

const liftOf = (restriction: Restriction, sequence: number) => ({
  sequence,
  restriction: restriction.id,
  reason: 'all is well',
  author: restriction.author,
  createdAt: dawn + 900,
})
