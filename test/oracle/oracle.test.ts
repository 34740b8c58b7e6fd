/**
 * node-oidc-provider (certified by the OpenID Foundation) as an oracle: the same requests to both over HTTP, the answers
 * compared field by field. What differs stands in `differences.ts` with its reason; anything else is a fault of one of us.
 */

import { beforeAll, expect, test } from 'vitest'
import { asked } from './asked.ts'
import { differences, explains, type Found } from './differences.ts'
import type { Seen } from './seen.ts'
import { garde, peer } from './sides.ts'

const absent = '–'

const differing = (name: string, ours: Seen, theirs: Seen): Found[] =>
  [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .map((field) => ({ asked: name, field, garde: ours[field] ?? absent, peer: theirs[field] ?? absent }))
    .filter((found) => found.garde !== found.peer)

let found: Found[]
beforeAll(async () => {
  const [ours, theirs] = await Promise.all([garde(), peer()])
  try {
    found = []
    for (const [name, ask] of Object.entries(asked))
      found.push(...differing(name, await ask(ours), await ask(theirs)))
  } finally {
    await ours.close()
    await theirs.close()
  }
})

test.each(Object.keys(asked))('%s: answered alike, or the difference has its reason', (name) => {
  const unexplained = found.filter(
    (one) => one.asked === name && !differences.some((difference) => explains(difference, one)),
  )
  expect(unexplained).toEqual([])
})

test('every explanation is still needed', () => {
  const idle = differences.filter((difference) => !found.some((one) => explains(difference, one)))
  expect(idle).toEqual([])
})
