/**
 * When a signing key moves on: next → current → retained → gone. Pure. One current key per use and algorithm at every
 * instant. A key is published a day before it signs, because clients keep the key set (300 s by our word, a day by some),
 * and stays published when it no longer signs until whatever it signed is over. `revoked` is an operator's act, not the
 * clock's. NIST SP 800-57 part 1 §5.3 asks for a period; protocols.md §4.
 */

import { days, type Seconds } from '../core/time.ts'
import { algorithms, type KeyAlgorithm, type KeyUse } from './keys.ts'

export type KeyState = 'next' | 'current' | 'retained' | 'revoked'

export interface KeyFacts {
  kid: string
  use: KeyUse
  alg: KeyAlgorithm
  state: KeyState
  createdAt: Seconds
  /** Since when it is in this state; null: since it was made. */
  stateAt: Seconds | null
}

export type Slot = Pick<KeyFacts, 'use' | 'alg'>

export type Move =
  | { kind: 'make'; slot: Slot; state: 'next' | 'current' }
  | { kind: 'enter'; key: KeyFacts; state: 'current' | 'retained' | 'gone' }

export const publishedAheadSeconds = days(1)
/**
 * Access tokens live 5 minutes. An ID token names a session to end, or to ask about, even after its own expiry: as long
 * as that session can last, 12 h. Two days, so that no clock and no pause of a server comes near.
 */
export const retainedSeconds = days(2)
export const usualPeriod = days(90)

/** The key that proves the log stays: checkpoints are verified for as long as the log is kept. */
const turns = ({ use }: Slot): boolean => use !== 'checkpoint'

export const slots: readonly Slot[] = (Object.keys(algorithms) as KeyUse[]).flatMap((use) =>
  algorithms[use].map((alg) => ({ use, alg })),
)

/** It proves the log, and neither moves by the clock nor is taken away. */
export const isKept = (slot: Slot): boolean => !turns(slot)

/** When the clock moves it on: a current key is replaced, a retained one forgotten. */
export function movesOnAt(key: KeyFacts, period: Seconds): Seconds | undefined {
  if (!turns(key)) return undefined
  if (key.state === 'current') return since(key) + period
  return key.state === 'retained' ? since(key) + retainedSeconds : undefined
}

const since = ({ stateAt, createdAt }: KeyFacts): Seconds => stateAt ?? createdAt

/** In the order they are to be done. What is asked again at the same time moves nothing more. */
export const dueMoves = (keys: readonly KeyFacts[], now: Seconds, period: Seconds): Move[] =>
  slots.flatMap((slot) => {
    const its = keys.filter(({ use, alg }) => use === slot.use && alg === slot.alg)
    return turns(slot)
      ? [...forward(slot, its, now, period), ...over(its, now)]
      : forward(slot, its, now, Infinity)
  })

function forward(slot: Slot, its: readonly KeyFacts[], now: Seconds, period: Seconds): Move[] {
  const current = its.find(({ state }) => state === 'current')
  const next = its.find(({ state }) => state === 'next')
  if (!current) return succession(slot, current, next)
  const age = now - since(current)
  if (!next) return age >= period - publishedAheadSeconds ? [{ kind: 'make', slot, state: 'next' }] : []
  return age >= period && now - since(next) >= publishedAheadSeconds ? succession(slot, current, next) : []
}

/** Now: the one that waits, or a new one. */
function succession(slot: Slot, current: KeyFacts | undefined, next: KeyFacts | undefined): Move[] {
  return [
    ...(current ? [{ kind: 'enter' as const, key: current, state: 'retained' as const }] : []),
    next ? { kind: 'enter', key: next, state: 'current' } : { kind: 'make', slot, state: 'current' },
  ]
}

const over = (its: readonly KeyFacts[], now: Seconds): Move[] =>
  its
    .filter((key) => key.state === 'retained' && now - since(key) >= retainedSeconds)
    .map((key) => ({ kind: 'enter', key, state: 'gone' }))

/** An operator's rotation: at once, of what is named; the log's key never. Empty: nothing is called that. */
export const movesNow = (keys: readonly KeyFacts[], named: Partial<Slot>): Move[] =>
  slots
    .filter(
      (slot) => turns(slot) && (named.use ?? slot.use) === slot.use && (named.alg ?? slot.alg) === slot.alg,
    )
    .flatMap((slot) => {
      const its = keys.filter(({ use, alg }) => use === slot.use && alg === slot.alg)
      const find = (state: KeyState) => its.find((key) => key.state === state)
      return succession(slot, find('current'), find('next'))
    })
