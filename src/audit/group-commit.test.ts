import { expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { GroupCommit } from './group-commit.ts'

test('what a crowd appends after a commit goes into the next one, together', async () => {
  const commits: unknown[][] = []
  const pauses: { run: () => void; crowded: boolean }[] = []
  const log = new GroupCommit({
    capacity: 100,
    encode: (event) => ('jti' in event ? event.jti : undefined),
    commit: async (entries) => void commits.push(entries),
    soon: (run, crowded) => void pauses.push({ run, crowded }),
    onFailure: () => {},
    stopsOnFailure: true,
  })
  const slots = Array.from({ length: 8 }, () => log.reserve())
  const first = slots[0]?.append([served('a')])
  pauses[0]?.run()
  await first
  await Promise.resolve()
  const rest = slots.slice(1, 3).map((slot, at) => slot.append([served(`b${at}`)]))
  pauses[1]?.run()
  await Promise.all(rest)
  expect(commits).toEqual([['a'], ['b0', 'b1']])
  expect(pauses.map(({ crowded }) => crowded).slice(0, 2)).toEqual([false, true])
})
