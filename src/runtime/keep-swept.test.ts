import { expect, test } from 'vitest'
import { answeredRequests } from '../db/schema.ts'
import { testServices } from '../../test/support/services.ts'
import { keepSwept, type Scheduler } from './keep-swept.ts'

test('each turn of the clock sweeps, and stopping stops', async () => {
  const services = await testServices()
  let turn: () => Promise<unknown> = () => Promise.reject(new Error('nothing was scheduled'))
  let stopped = false
  const byHand: Scheduler = (work) => {
    turn = work
    return async () => {
      stopped = true
    }
  }
  const stop = keepSwept(services, byHand)
  await services.db.insert(answeredRequests).values({ idHash: 'a', expiresAt: services.clock.now() })
  expect(await turn()).toEqual({ answered_requests: 1 })
  expect(services.lines.at(-1)).toMatchObject({ level: 'info', message: 'swept' })
  await stop()
  expect(stopped).toBe(true)
  await services.close()
})
