import { expect, test } from 'vitest'
import { days } from '../core/time.ts'
import type { AccessClaims, Subject } from '../tokens/claims.ts'
import type { Finding } from './finding.ts'
import { createSharedQuotas, type QuotaState } from './shared-quotas.ts'

const noon = 1_800_000_000
const claims = {
  sub: 'prt_ada',
  practice: 'prc_aa',
  sid: 'ses_aa',
  role: 'clinician',
  auth_time: noon - 60,
} as AccessClaims

type Row = { version: number; state: QuotaState }

/** One row that places share; what is found waits until the test lets it be acted on. */
function shared() {
  let row: Row | undefined
  const found: Finding[] = []
  const apply: (() => void)[] = []
  const later: Promise<unknown>[] = []
  const place = (knows: { sequence: number }) =>
    createSharedQuotas({
      keeping: {
        find: async () => row && structuredClone(row),
        swap: async (_, version, state) => {
          if ((row?.version ?? 0) !== version) return false
          row = { version: version + 1, state: structuredClone(state) }
          return true
        },
        history: async () => ({ met: [], findings: [] }),
      },
      seen: new Map<Subject, Row>(),
      practiceCreatedAt: () => noon - days(100),
      act: (finding) => {
        found.push(finding)
        return new Promise((resolve) =>
          apply.push(() => {
            knows.sequence = 1
            resolve(true)
          }),
        )
      },
      sequence: () => knows.sequence,
      afterwards: (work) => void later.push(work),
    })
  return { place, found, apply, settled: () => Promise.all(later) }
}

const patients = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, n) => `p${first + n}`)

test('two places that ask side by side open no more than one would', async () => {
  const { place } = shared()
  const [here, there] = [place({ sequence: 0 }), place({ sequence: 0 })]
  const verdicts = await Promise.all(
    patients(1, 24).map((patient, n) =>
      (n % 2 ? here : there).admit(claims, [patient], 'opened', undefined, noon + n),
    ),
  )
  expect(verdicts.filter(({ allow }) => allow)).toHaveLength(10)
})

test('of a page of patients the first too many is named, and those before it count', async () => {
  const here = shared().place({ sequence: 0 })
  const page = await here.admit(claims, patients(1, 12), 'opened', undefined, noon)
  expect(page).toMatchObject({ allow: false, reason: 'step_up_required', patient: 'p11' })
  expect(await here.admit(claims, patients(1, 10), 'opened', undefined, noon + 1)).toEqual({ allow: true })
})

test('a request that read the journal before the measure stood there feels it all the same, however late', async () => {
  const { place, found, apply, settled } = shared()
  const knows = { sequence: 0 }
  await place(knows).admit(claims, patients(1, 11), 'opened', undefined, noon)
  apply[0]?.()
  await settled()
  expect(found).toHaveLength(1)

  const slow = place({ sequence: 0 })
  const later = place({ sequence: 1 })
  expect(await slow.admit(claims, ['p20'], 'opened', undefined, noon + 1)).toMatchObject({ allow: false })
  // Lifted, or confirmed with a passkey: the journal lets this one come so far, and is what counts.
  expect(await later.admit(claims, ['p21'], 'opened', undefined, noon + 2)).toEqual({ allow: true })
  expect(await slow.admit(claims, ['p22'], 'opened', undefined, noon + 3)).toMatchObject({ allow: false })
})
