import { expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { testServices } from './services.ts'

test('an unknown address is a refusal in the form that the caller expects, and is counted', async () => {
  const services = await testServices()
  const app = createApp(services)
  const answer = await app.request(
    '/nowhere',
    { headers: { accept: 'application/json' } },
    { remote: '192.0.2.7' },
  )
  expect(answer.status).toBe(404)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await services.db.query.strangerRefusals.findMany()).toEqual([
    { source: '192.0.2.0/24', reason: 'not_found', minuteAt: services.clock.now(), count: 1 },
  ])
  await services.close()
})
