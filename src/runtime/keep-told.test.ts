import { expect, test } from 'vitest'
import { testServices } from '../../test/support/services.ts'
import type { Scheduler } from './keep-swept.ts'
import { keepTold } from './keep-told.ts'

test('a turn that fails is said, and does not end the turns', async () => {
  const services = await testServices()
  let turn: () => Promise<unknown> = () => Promise.reject(new Error('nothing was scheduled'))
  const byHand: Scheduler = (work) => {
    turn = work
    return async () => {}
  }
  const stop = keepTold(services, byHand)
  expect(await turn()).toBe(0)
  await services.close()
  await turn()
  expect(services.lines.at(-1)).toMatchObject({ level: 'error', message: 'clients not told' })
  await stop()
})
