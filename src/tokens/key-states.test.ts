import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { days, hours } from '../core/time.ts'
import {
  dueMoves,
  movesNow,
  publishedAheadSeconds,
  retainedSeconds,
  slots,
  type KeyFacts,
  type Move,
} from './key-states.ts'

/** An installation's rows, changed as the store would change them. Nobody signs with what is not there. */
function ring() {
  let made = 0
  let rows: KeyFacts[] = []
  return {
    rows: () => rows,
    apply(moves: Move[], now: number) {
      for (const move of moves) {
        if (move.kind === 'make')
          rows = [
            ...rows,
            { ...move.slot, kid: `k${++made}`, state: move.state, createdAt: now, stateAt: now },
          ]
        else if (move.state === 'gone') rows = rows.filter(({ kid }) => kid !== move.key.kid)
        else {
          const { state } = move
          rows = rows.map((key) => (key.kid === move.key.kid ? { ...key, state, stateAt: now } : key))
        }
      }
    },
    revoke(kid: string) {
      rows = rows.filter((key) => key.kid !== kid)
    },
  }
}

const currents = (rows: KeyFacts[]) =>
  slots.map((slot) =>
    rows.filter((key) => key.use === slot.use && key.alg === slot.alg && key.state === 'current'),
  )

const acts = fc.array(
  fc.record({
    /** How long until the clock's next turn: minutes, or a server that stood still for weeks. */
    pause: fc.oneof(fc.integer({ min: 1, max: hours(6) }), fc.integer({ min: 1, max: days(40) })),
    act: fc.constantFrom('turn', 'turn', 'turn', 'turn', 'rotate', 'revoke' as const),
    which: fc.nat(),
  }),
  { minLength: 20, maxLength: 200 },
)

test('over months: one current key each, all that is signed verifies until it is over, none signs unannounced by the clock', () => {
  fc.assert(
    fc.property(acts, fc.integer({ min: 2, max: 90 }), (history, periodDays) => {
      const its = ring()
      const period = days(periodDays)
      let now = 1_800_000_000
      its.apply(dueMoves(its.rows(), now, period), now)
      const tokens: { kid: string; until: number }[] = []
      const revoked = new Set<string>()
      for (const { pause, act, which } of history) {
        now += pause
        const before = its.rows()
        if (act === 'turn') {
          const moves = dueMoves(before, now, period)
          for (const move of moves)
            if (move.kind === 'enter' && move.state === 'current')
              expect(now - (move.key.stateAt ?? 0)).toBeGreaterThanOrEqual(publishedAheadSeconds)
            // Nothing is made that signs at once while there was one that signed.
            else if (move.kind === 'make') expect(move.state).toBe('next')
          its.apply(moves, now)
          expect(dueMoves(its.rows(), now, period)).toEqual([])
        } else if (act === 'rotate') its.apply(movesNow(before, { use: 'token' }), now)
        else {
          const victim = before[which % before.length]
          if (victim && victim.use !== 'checkpoint') {
            its.revoke(victim.kid)
            revoked.add(victim.kid)
            its.apply(dueMoves(its.rows(), now, Infinity), now)
          }
        }
        expect(currents(its.rows()).map((some) => some.length)).toEqual(slots.map(() => 1))
        const known = new Set(its.rows().map(({ kid }) => kid))
        for (const kid of revoked) expect(known.has(kid)).toBe(false)
        for (const { kid, until } of tokens)
          if (until > now && !revoked.has(kid)) expect([kid, known.has(kid)]).toEqual([kid, true])
        for (const { kid } of currents(its.rows()).flat()) tokens.push({ kid, until: now + hours(12) })
      }
    }),
    { numRuns: 100 },
  )
})

test('by the clock of a server that runs: made, published a day before, signing 90 days, kept two days, gone', () => {
  const its = ring()
  const seen: string[] = []
  const start = 1_800_000_000
  for (let now = start; now <= start + days(93); now += 600) {
    const moves = dueMoves(its.rows(), now, days(90))
    its.apply(moves, now)
    for (const move of moves) {
      const slot = move.kind === 'make' ? move.slot : move.key
      if (slot.alg === 'RS256')
        seen.push(
          `day ${(now - start) / days(1)}: ${move.kind === 'make' ? 'made' : move.key.kid} ${move.state}`,
        )
    }
  }
  expect(seen).toEqual([
    'day 0: made current',
    'day 89: made next',
    'day 90: k2 retained',
    expect.stringMatching(/^day 90: k\d+ current$/),
    'day 92: k2 gone',
  ])
})

test('the key that proves the log never turns, by clock or by name', () => {
  const its = ring()
  its.apply(dueMoves([], 0, days(2)), 0)
  const uses = (moves: Move[]) =>
    new Set(moves.map((move) => (move.kind === 'make' ? move.slot.use : move.key.use)))
  expect(uses(dueMoves(its.rows(), days(1000), days(2)))).toEqual(new Set(['token', 'assertion']))
  expect(uses(movesNow(its.rows(), {}))).toEqual(new Set(['token', 'assertion']))
  expect(movesNow(its.rows(), { use: 'checkpoint' })).toEqual([])
  expect(movesNow(its.rows(), { use: 'token', alg: 'RS256' }).map(({ kind }) => kind)).toEqual([
    'enter',
    'make',
  ])
})

test('what is signed lives shorter than its key is kept', () => {
  // Access and ID tokens 300 s, assertions 60 s; a session, which an ID token may name after its expiry, 12 h.
  expect(retainedSeconds).toBeGreaterThan(hours(12) + 300)
})
