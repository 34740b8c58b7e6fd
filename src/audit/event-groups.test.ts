import { expect, test } from 'vitest'
import { eventGroups, eventKinds, groupsOf, kindsOf } from './event-groups.ts'

test('every kind but the sealed reference belongs somewhere', () => {
  expect(eventKinds.filter((kind) => groupsOf[kind].length === 0)).toEqual(['patient.sealed'])
})

test('no group is empty', () => {
  expect(eventGroups.filter((group) => kindsOf(group).length === 0)).toEqual([])
})
