import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { facts, instant, journal } from '../../test/support/histories.ts'
import { memoryJournal } from '../../test/support/memory-journal.ts'
import type { Facts } from './facts.ts'
import type { JournalFeed } from './journal.ts'
import type { JournalRow, Restriction } from './restriction.ts'
import { decide, emptySnapshot, extend } from './snapshot.ts'
import { createView } from './view.ts'

const log = () => {}
const reader = {
  practitioner: 'prt_aa',
  session: 'ses_aa',
  sessionSequence: 9,
  authTime: 0,
  safe: true,
} as Facts

const denial = (sequence: number): JournalRow => ({
  kind: 'restrict',
  restriction: {
    id: `rst_${sequence}` as Restriction['id'],
    sequence,
    selector: { everything: true },
    effect: { kind: 'deny' },
    endsSessions: false,
    reason: 'peak of activity',
    author: { kind: 'rule', rule: 'test' },
    createdAt: 0,
  },
})

test('before any state was read, nothing is allowed', () => {
  const view = createView(memoryJournal(), manualClock(), { log })
  expect(view.decide(reader, 0)).toMatchObject({ allow: false, reason: 'state_unavailable' })
})

test('after catchUp, no request begun later is let through', async () => {
  const feed = memoryJournal()
  const clock = manualClock()
  const view = createView(feed, clock, { log })
  await view.catchUp()
  expect(view.decide(reader, 0)).toMatchObject({ allow: true, basis: { sequence: 0, tier: 'fresh' } })
  feed.append(denial(1))
  await view.catchUp()
  expect(view.decide(reader, 0)).toEqual({
    allow: false,
    reason: 'restricted',
    by: 'rst_1',
    basis: { sequence: 1, ageMs: 0, tier: 'fresh' },
  })
})

test('a catchUp asked for while another read is under way sees what was committed meanwhile', async () => {
  const journalOf = memoryJournal()
  const gates: (() => void)[] = []
  const slow: JournalFeed = {
    ...journalOf,
    since: async (sequence) => {
      const rows = await journalOf.since(sequence)
      await new Promise<void>((resolve) => gates.push(resolve))
      return rows
    },
  }
  const view = createView(slow, manualClock(), { log })
  const first = view.catchUp()
  await Promise.resolve()
  journalOf.append(denial(1))
  const second = view.catchUp()
  const third = view.catchUp()
  while (gates.length < 1) await Promise.resolve()
  gates[0]?.()
  await first
  expect(view.basis().sequence).toBe(0)
  while (gates.length < 2) await Promise.resolve()
  gates[1]?.()
  await Promise.all([second, third])
  expect(view.basis().sequence).toBe(1)
  expect(gates).toHaveLength(2)
})

test('after every append and catchUp, the view says what the journal says', async () => {
  await fc.assert(
    fc.asyncProperty(journal, facts, instant, async (rows, asked, now) => {
      const feed = memoryJournal()
      const view = createView(feed, manualClock(), { log })
      await view.catchUp()
      for (const [index, row] of rows.entries()) {
        feed.append(row)
        await view.catchUp()
        const expected = decide(asked, extend(emptySnapshot, rows.slice(0, index + 1), 0), now)
        expect(view.decide(asked, now)).toMatchObject(expected)
      }
    }),
  )
})

test('its age counts from when the state was asked for', async () => {
  const feed = memoryJournal()
  const clock = manualClock()
  const view = createView({ ...feed, since: async (n) => (clock.advance(1.5), feed.since(n)) }, clock, {
    log,
  })
  await view.catchUp()
  expect(view.basis()).toEqual({ sequence: 0, ageMs: 1_500, tier: 'fresh' })
  clock.advance(1)
  expect(view.basis().tier).toBe('stale')
  clock.advance(58)
  expect(view.basis().tier).toBe('cold')
})

test('cold: reading what is open goes on; no write, no new patient; operators are spared', async () => {
  const clock = manualClock()
  const view = createView(memoryJournal(), clock, { log })
  await view.catchUp()
  clock.advance(61)
  expect(view.decide(reader, 0)).toMatchObject({ allow: true, newPatients: 0 })
  expect(view.decide({ ...reader, safe: false }, 0)).toMatchObject({ allow: false, reason: 'read_only' })
  const operator = { operator: 'opr_aa', safe: false } as Facts
  expect(view.decide(operator, 0)).toMatchObject({ allow: true, basis: { tier: 'cold' } })
})

test('a journal with a gap is not believed: the view keeps what it has and ages', async () => {
  const feed = memoryJournal()
  const view = createView(feed, manualClock(), { log })
  await view.catchUp()
  feed.append(denial(2))
  await expect(view.catchUp()).rejects.toThrow('journal gap')
  expect(view.basis().sequence).toBe(0)
})

test('listeners hear of each swap until they stop listening', async () => {
  const feed = memoryJournal()
  const view = createView(feed, manualClock(), { log })
  let heard = 0
  const stop = view.onChange(() => heard++)
  await view.catchUp()
  expect(heard).toBe(0)
  feed.append(denial(1))
  await view.catchUp()
  expect(heard).toBe(1)
  stop()
  feed.append(denial(2))
  await view.catchUp()
  expect(heard).toBe(1)
})

test('follow catches up at a notice and stops when told', async () => {
  const feed = memoryJournal()
  const view = createView(feed, manualClock(), { log })
  await view.follow()
  const changed = new Promise<void>((resolve) => view.onChange(resolve))
  feed.append(denial(1))
  await changed
  expect(view.decide(reader, 0)).toMatchObject({ allow: false })
  await view.stop()
  expect(feed.listeners()).toBe(0)
})
