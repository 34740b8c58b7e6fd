import { expect, test } from 'vitest'
import type { AuditEvent } from '../audit/event.ts'
import { days } from '../core/time.ts'
import { watchedSpool, watchElsewhere } from './elsewhere.ts'
import type { Finding } from './finding.ts'

const refused = (patient: string, more: object = {}): AuditEvent =>
  ({
    kind: 'access.refused',
    reason: 'other_practice',
    patient,
    practitioner: 'prt_ada',
    practice: 'prc_aa',
    session: 'ses_aa',
    actor: { kind: 'practitioner', id: 'prt_ada' },
    at: 1_000,
    ...more,
  }) as AuditEvent

function watched() {
  const findings: Finding[] = []
  const saw = watchElsewhere({ act: async (finding) => findings.push(finding) > 0, log: () => {} })
  return { findings, saw }
}

test('the third patient of another practice ends the session, once', () => {
  const { findings, saw } = watched()
  for (const patient of ['p1', 'p2']) saw(refused(patient))
  expect(findings).toEqual([])
  for (const patient of ['p3', 'p4']) saw(refused(patient))
  expect(findings).toMatchObject([{ action: 'end-session', session: 'ses_aa', value: 3, threshold: 2 }])
})

test('an application that retries one stale link is no scraper', () => {
  const { findings, saw } = watched()
  for (let n = 0; n < 9; n++) saw(refused('p1'))
  expect(findings).toEqual([])
})

test('sessions, other reasons and other days are counted apart', () => {
  const { findings, saw } = watched()
  saw(refused('p1'))
  saw(refused('p2', { session: 'ses_bb' }))
  saw(refused('p3', { reason: 'insufficient_scope' }))
  saw(refused('p4'))
  saw(refused('p5', { at: 1_000 + days(1) }))
  expect(findings).toEqual([])
})

test('events reach it once they are durable, and not when they are not', async () => {
  const seen: AuditEvent[] = []
  let fails = false
  const slot = {
    append: async () => {
      if (fails) throw new Error('disk full')
    },
    release: () => {},
  }
  const spool = watchedSpool({ reserve: () => slot, close: async () => {} }, (event) => seen.push(event))
  await spool.reserve().append([refused('p1')])
  fails = true
  await expect(spool.reserve().append([refused('p2')])).rejects.toThrow('disk full')
  expect(seen).toHaveLength(1)
})
