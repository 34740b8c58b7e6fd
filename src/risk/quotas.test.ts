import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { days, hours, minutes } from '../core/time.ts'
import type { AccessClaims } from '../tokens/claims.ts'
import { whomOf, type Finding } from './finding.ts'
import { createQuotas, type Met } from './quotas.ts'
import { patientRules, thresholdOf } from './rules.ts'

const noon = 1_800_000_000

const claims = (more: object = {}): AccessClaims =>
  ({
    sub: 'prt_ada',
    practice: 'prc_aa',
    sid: 'ses_aa',
    role: 'clinician',
    auth_time: noon - 60,
    ...more,
  }) as AccessClaims

/** Quotas whose measures wait until the test says that they are applied. */
function watched(practiceCreatedAt = noon - days(100)) {
  const findings: Finding[] = []
  const apply: ((applied: boolean) => void)[] = []
  const quotas = createQuotas({
    act: (finding) => {
      findings.push(finding)
      return new Promise((resolve) => apply.push(resolve))
    },
    practiceCreatedAt: () => practiceCreatedAt,
    log: () => {},
  })
  const open = (patient: string, at = noon, who = claims(), cap?: number) =>
    quotas.admit(who, patient, 'opened', cap, at)
  /** Opens patients first … last, one every `pace` seconds, and answers the last verdict and time. */
  const openMany = (first: number, last: number, pace: number, from = noon, who = claims()) => {
    let at = from
    let verdict = open(`p${first}`, at, who)
    for (let n = first + 1; n <= last; n++) verdict = open(`p${n}`, (at += pace), who)
    return { verdict, at }
  }
  return { quotas, findings, apply, open, openMany }
}

const allowed = { allow: true }
const stepUp: unknown = expect.objectContaining({ allow: false, reason: 'step_up_required' })
const spent: unknown = expect.objectContaining({ allow: false, reason: 'patient_quota' })

describe('the table of caps', () => {
  const row = (name: string) => {
    const found = patientRules.find((rule) => rule.name === name)
    if (!found) throw new Error(name)
    return found
  }
  test.each([
    ['patients-24h-note', 80, 150, 300],
    ['patients-24h', 120, 250, 500],
    ['patients-24h-stop', 240, 500, 1000],
    ['patients-5min', 10, 20, 20],
    ['patients-60min', 30, 80, 80],
  ])('%s: clinician %i, secretary of one or two %i, of four %i', (name, clinician, two, four) => {
    expect(thresholdOf(row(name), claims(), 'opened')).toBe(clinician)
    expect(thresholdOf(row(name), claims({ role: 'secretary' }), 'opened')).toBe(two)
    expect(thresholdOf(row(name), claims({ role: 'secretary', doctors: 2 }), 'opened')).toBe(two)
    expect(thresholdOf(row(name), claims({ role: 'secretary', doctors: 4 }), 'opened')).toBe(four)
    expect(thresholdOf(row(name), claims({ role: 'manager', doctors: 9 }), 'opened')).toBe(two)
    expect(thresholdOf(row(name), claims(), 'listed')).toBe(5 * clinician)
  })
})

test('whoever signed in in the very second of a finding has not stepped up since', () => {
  const { openMany } = watched()
  const just = claims({ auth_time: noon })
  expect(openMany(1, 10, 0, noon, just).verdict).toEqual(allowed)
  for (let n = 11; n <= 40; n++) expect(openMany(n, n, 0, noon, just).verdict).toEqual(stepUp)
  expect(openMany(41, 41, 0, noon + 1, claims({ auth_time: noon + 1 })).verdict).toEqual(allowed)
})

test('however fast, no more new patients than the pace between two proofs: generated', () => {
  const moves = fc.array(
    fc.record({
      wait: fc.constantFrom(0, 0, 0, 0, 1),
      proves: fc.boolean(),
      patient: fc.integer({ max: 60, min: 1 }),
    }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(moves, (steps) => {
      const { open } = watched()
      let now = noon
      let proven = noon - 1
      let fresh = new Set<number>()
      const met = new Set<number>()
      for (const { wait, proves, patient } of steps) {
        now += wait
        if (proves && now > proven) {
          proven = now
          fresh = new Set()
        }
        const known = met.has(patient)
        if (!open(`p${patient}`, now, claims({ auth_time: proven })).allow) continue
        if (!known) fresh.add(patient)
        met.add(patient)
        // One finding may pass within one proof when it came in a second before: ten before it, ten after.
        expect(fresh.size).toBeLessThanOrEqual(20)
      }
    }),
  )
})

describe('a service', () => {
  const service = (more: object = {}) =>
    ({
      sub: 'archiver',
      client_id: 'archiver',
      practice: 'prc_aa',
      iat: noon,
      ...more,
    }) as AccessClaims

  test('has no pace, and a day of 500 patients; then its client is stopped, and nobody else', () => {
    const { openMany, findings } = watched()
    expect(openMany(1, 500, 0, noon, service()).verdict).toEqual(allowed)
    expect(openMany(501, 501, 0, noon, service()).verdict).toEqual(spent)
    expect(findings).toMatchObject([{ rule: 'patients-24h-stop', client: 'archiver', value: 501 }])
    expect(findings[0]).not.toHaveProperty('practitioner')
    expect(findings.map(whomOf)).toEqual([{ client: 'archiver' }])
    expect(openMany(501, 501, 0).verdict).toEqual(allowed)
    expect(openMany(1, 1, 0, noon, service()).verdict).toEqual(allowed)
  })

  test('its registration says otherwise', () => {
    const { openMany } = watched()
    expect(openMany(1, 3, 0, noon, service({ patients_per_day: 3 })).verdict).toEqual(allowed)
    expect(openMany(4, 4, 0, noon, service({ patients_per_day: 3 })).verdict).toEqual(spent)
  })
})

describe('a day of work', () => {
  test('sixty patients, twelve an hour, pass unnoticed', () => {
    const { openMany, findings } = watched()
    expect(openMany(1, 60, minutes(5)).verdict).toEqual(allowed)
    expect(findings).toEqual([])
  })

  test('the 81st is noted, and passes', () => {
    const { openMany, findings } = watched()
    expect(openMany(1, 81, 130).verdict).toEqual(allowed)
    expect(findings).toMatchObject([
      { rule: 'patients-24h-note', action: 'notice', value: 81, threshold: 80 },
    ])
  })

  test('the 121st asks for a fresh sign-in, after which work goes on', () => {
    const { openMany, open, findings } = watched()
    const { verdict, at } = openMany(1, 121, 130)
    expect(verdict).toEqual(stepUp)
    expect(findings.at(-1)).toMatchObject({
      rule: 'patients-24h',
      action: 'step-up',
      value: 121,
      threshold: 120,
    })
    expect(open('p121', at + 1)).toEqual(stepUp)
    expect(open('p1', at + 1)).toEqual(allowed)
    expect(open('p121', at + 60, claims({ auth_time: at + 30 }))).toEqual(allowed)
  })

  test('the 241st is refused, those already open stay readable, and tomorrow is another day', async () => {
    const { openMany, open, findings, apply } = watched()
    const fresh = claims({ auth_time: noon + days(1) })
    const { verdict, at } = openMany(1, 241, 130, noon, fresh)
    expect(verdict).toEqual(spent)
    expect(findings.at(-1)).toMatchObject({
      rule: 'patients-24h-stop',
      action: 'stop',
      value: 241,
      threshold: 240,
    })
    expect(open('p240', at, fresh)).toEqual(allowed)
    expect(open('p300', at, fresh)).toEqual(spent)
    apply.forEach((applied) => applied(true))
    await Promise.resolve()
    expect(open('p300', at + days(1), fresh, 0)).toEqual(spent)
    expect(open('p300', at + days(1) + 1, fresh)).toEqual(allowed)
  })

  test('a patient met again is not counted again', () => {
    const { quotas, findings } = watched()
    for (let n = 0; n < 500; n++)
      expect(quotas.admit(claims(), `p${n % 9}`, 'opened', undefined, noon + n)).toEqual(allowed)
    expect(findings).toEqual([])
  })
})

describe('the pace', () => {
  test('the eleventh new patient in five minutes asks for a fresh sign-in', () => {
    const { openMany, findings } = watched()
    expect(openMany(1, 10, 10).verdict).toEqual(allowed)
    expect(openMany(11, 11, 0, noon + 299).verdict).toEqual(stepUp)
    expect(findings).toMatchObject([{ rule: 'patients-5min', action: 'step-up', value: 11, threshold: 10 }])
  })

  test('the window slides: after five minutes the first no longer counts', () => {
    const { openMany } = watched()
    openMany(1, 10, 0)
    expect(openMany(11, 11, 0, noon + 300).verdict).toEqual(allowed)
  })

  test('twice in an hour is a stop', () => {
    const { openMany, findings } = watched()
    openMany(1, 11, 1)
    const again = noon + 600
    expect(openMany(12, 22, 1, again, claims({ auth_time: again })).verdict).toEqual(spent)
    expect(findings.at(-1)).toMatchObject({ rule: 'patients-pace-twice', action: 'stop' })
  })

  test('twice in two hours asks twice', () => {
    const { openMany, findings } = watched()
    openMany(1, 11, 1)
    const later = noon + hours(1) + 11
    expect(openMany(12, 22, 1, later, claims({ auth_time: later - 1 })).verdict).toEqual(stepUp)
    expect(findings.map(({ action }) => action)).toEqual(['step-up', 'step-up'])
  })

  test('reading known patients again does not quicken it', () => {
    const { openMany, open, findings } = watched()
    openMany(1, 30, 200)
    const at = noon + 6_000
    for (let n = 1; n <= 30; n++) expect(open(`p${n}`, at)).toEqual(allowed)
    expect(open('p31', at)).toEqual(allowed)
    expect(findings).toEqual([])
  })
})

describe('lists', () => {
  const list = (quotas: ReturnType<typeof watched>['quotas'], from: number, to: number) => {
    let verdict
    for (let n = from; n <= to; n++) verdict = quotas.admit(claims(), `p${n}`, 'listed', undefined, noon)
    return verdict
  }

  test('count against five times the figure, apart from what was opened', () => {
    const { quotas, findings, open } = watched()
    expect(list(quotas, 1, 50)).toEqual(allowed)
    expect(open('p1')).toEqual(allowed)
    expect(list(quotas, 51, 51)).toEqual(stepUp)
    expect(findings).toMatchObject([{ rule: 'patients-5min-listed', value: 51, threshold: 50 }])
  })

  test('being listed does not open: opening afterwards counts', () => {
    const { quotas, open } = watched()
    list(quotas, 1, 11)
    for (let n = 1; n <= 10; n++) open(`p${n}`)
    expect(open('p11')).toEqual(stepUp)
  })

  test('a patient already open is listed without being counted', () => {
    const { quotas, open } = watched()
    open('p51')
    expect(list(quotas, 1, 51)).toEqual(allowed)
  })
})

describe('a restriction’s quota', () => {
  test('of zero leaves what is open', () => {
    const { open } = watched()
    open('p1')
    expect(open('p1', noon + 1, claims(), 0)).toEqual(allowed)
    expect(open('p2', noon + 1, claims(), 0)).toEqual(spent)
  })

  test('of three lets a third in and no fourth', () => {
    const { open } = watched()
    expect(['p1', 'p2', 'p3', 'p4'].map((p) => open(p, noon, claims(), 3).allow)).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})

describe('measures', () => {
  test('hold at once, before anything is durable', () => {
    const { openMany, open, findings } = watched()
    openMany(1, 11, 1)
    expect(open('p12', noon + 12)).toEqual(stepUp)
    expect(findings).toHaveLength(1)
  })

  test('say why, in a sentence', () => {
    const { openMany } = watched()
    expect(openMany(1, 11, 1).verdict).toMatchObject({
      message: { en: 'More than 10 different patients in 5 min: confirm with your passkey to continue.' },
    })
  })

  test('belong to the journal once applied there, so that a lift undoes them', async () => {
    const { openMany, open, apply } = watched()
    openMany(1, 11, 1)
    apply[0]?.(true)
    await Promise.resolve()
    expect(open('p12', noon + 12)).toEqual(allowed)
  })

  test('that could not be applied still hold, and are tried again', async () => {
    const { openMany, open, apply, findings } = watched()
    openMany(1, 11, 1)
    apply[0]?.(false)
    await Promise.resolve()
    expect(open('p12', noon + 12)).toEqual(stepUp)
    expect(findings).toHaveLength(2)
    expect(findings[0]?.id).toBe(findings[1]?.id)
  })

  test('in a practice’s first 14 days are only written down, except the stop', () => {
    const { openMany, findings } = watched(noon - days(1))
    const { verdict } = openMany(1, 240, 0)
    expect(verdict).toEqual(allowed)
    expect(findings.every(({ observed }) => observed)).toBe(true)
    expect(openMany(241, 241, 0).verdict).toEqual(spent)
    expect(findings.at(-1)).toMatchObject({ action: 'stop', observed: false })
  })
})

describe('after a restart', () => {
  test('counting goes on from what was served', () => {
    const { quotas, open } = watched()
    const met = Array.from({ length: 10 }, (_, n): Met => ({
      practitioner: claims().sub,
      patient: `p${n}`,
      access: 'opened',
      at: noon,
    }))
    quotas.restore(met, [])
    expect(open('p1', noon + 1)).toEqual(allowed)
    expect(open('p11', noon + 1)).toEqual(stepUp)
  })

  test('a rule that spoke before counts from there, and a second pace still is a stop', () => {
    const { quotas, openMany } = watched()
    quotas.restore([], [{ practitioner: claims().sub, rule: 'patients-5min', at: noon - 60 }])
    expect(openMany(1, 11, 1).verdict).toEqual(spent)
  })
})

test('for every history: never more than the stop in a day, and what is open stays open', () => {
  const step = fc.record({ patient: fc.nat(400), wait: fc.integer({ min: 0, max: 500 }) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 250, maxLength: 600 }), (steps) => {
      const { open } = watched()
      const openedAt = new Map<string, number>()
      let at = noon
      for (const { patient, wait } of steps) {
        at += wait
        const known = (openedAt.get(`p${patient}`) ?? -Infinity) > at - days(1)
        // Somebody who signs in afresh for every request, so that only the stop is in his way.
        const verdict = open(`p${patient}`, at, claims({ auth_time: at }))
        if (known) expect(verdict).toEqual(allowed)
        if (verdict.allow) openedAt.set(`p${patient}`, at)
        const inADay = [...openedAt.values()].filter((opened) => opened > at - days(1)).length
        expect(inADay).toBeLessThanOrEqual(240)
      }
    }),
    { numRuns: 30 },
  )
})
