/** Generated journals and facts over a few people, so that restrictions meet the requests they select. */

import * as fc from 'fast-check'
import type { Facts } from '../../src/restrictions/facts.ts'
import type { Effect, JournalRow, Restriction, Selector } from '../../src/restrictions/restriction.ts'

/** Journals begin then; facts are judged in the day that follows. */
export const dawn = 1_800_000_000

const one = (prefix: string) => fc.constantFrom(`${prefix}_aa`, `${prefix}_bb`)

const selector: fc.Arbitrary<Selector> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Selector>({ everything: true }) },
  {
    weight: 5,
    arbitrary: fc
      .record(
        {
          practice: one('prc'),
          practitioner: one('prt'),
          operator: one('opr'),
          client: one('cli'),
          session: one('ses'),
        },
        { requiredKeys: [] },
      )
      .filter((keys) => Object.keys(keys).length > 0) as fc.Arbitrary<Selector>,
  },
)

const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.constantFrom<Effect>({ kind: 'deny' }, { kind: 'read-only' }, { kind: 'step-up' }),
  fc.record({ kind: fc.constant('quota' as const), patients: fc.nat(3) }),
)

const restriction: fc.Arbitrary<Omit<Restriction, 'id' | 'sequence' | 'createdAt'>> = fc
  .record({
    selector,
    effect,
    endsSessions: fc.boolean(),
    expiresAt: fc.option(fc.integer({ min: dawn + 1, max: dawn + 80_000 }), { nil: undefined }),
  })
  .map((each) => ({ ...each, reason: 'generated', author: { kind: 'rule', rule: 'generated' } }))

/** A journal: rows 1, 2, 3 …, minutes apart, each lift naming a restriction that was made before it. */
export const journal: fc.Arbitrary<JournalRow[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: restriction },
      { weight: 1, arbitrary: fc.record({ lifts: fc.nat(20) }) },
    ),
    { maxLength: 14 },
  )
  .map((acts) => {
    const rows: JournalRow[] = []
    for (const act of acts) {
      const sequence = rows.length + 1
      const createdAt = dawn + sequence * 60
      if (!('lifts' in act)) {
        const id = `rst_${String(sequence).padStart(2, '0')}` as Restriction['id']
        rows.push({ kind: 'restrict', restriction: { ...act, id, sequence, createdAt } })
        continue
      }
      const made = rows.filter((row) => row.kind === 'restrict')
      const lifted = made[act.lifts % Math.max(1, made.length)]
      if (lifted)
        rows.push({
          kind: 'lift',
          lift: {
            sequence,
            createdAt,
            restriction: lifted.restriction.id,
            reason: 'generated',
            author: { kind: 'rule', rule: 'generated' },
          },
        })
    }
    return rows
  })

export const facts: fc.Arbitrary<Facts> = fc
  .record(
    {
      practice: one('prc'),
      practitioner: one('prt'),
      operator: one('opr'),
      client: one('cli'),
      session: one('ses'),
      sessionSequence: fc.nat(14),
      authTime: fc.integer({ min: dawn, max: dawn + 1_000 }),
      safe: fc.boolean(),
    },
    { requiredKeys: ['safe'] },
  )
  .map((each) => each as Facts)

export const instant = fc.integer({ min: dawn + 900, max: dawn + 90_000 })
