/** The outbox on PostgreSQL, where several nodes deliver from it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshPostgres } from '../../test/support/postgres.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { Outbound } from '../core/ports.ts'
import type { Database } from '../db/db.ts'
import { deliveries } from '../db/schema.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { deliverDue } from './deliver.ts'
import { dismissDead, listHonours, listUntold, retryDead } from './listing-store.ts'

let one: Database
let two: Database
let services: TestServices
const count = 60

beforeAll(async () => {
  const { url } = await freshPostgres()
  one = openPostgres(url)
  two = openPostgres(url)
  services = await testServices({ database: one })
  const input = parseClient({
    id: 'records-app',
    name: 'Dossier',
    profile: 'smart-public',
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['openid'],
    options: { backchannelLogoutUri: 'https://app.example/out' },
  })
  await saveClient(services, head(), input)
})
afterAll(async () => {
  await two.close()
  await services.close()
})

const head = () => ({ at: services.clock.now(), actor: { kind: 'system', id: 'test' } }) as const
const put = (n: number) =>
  services.db.insert(deliveries).values(
    Array.from({ length: n }, (_, at) => ({
      kind: 'backchannel-logout' as const,
      client: 'records-app' as never,
      address: 'https://app.example/out',
      fields: { sub: 'prt_a', sid: `ses_${at}` },
      createdAt: services.clock.now(),
      nextAt: services.clock.now(),
    })),
  )
const sidOf = (body = '') => {
  const token = new URLSearchParams(body).get('logout_token') ?? ''
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(payload) as { sid: string }).sid
}
const answering = (status: number, sent: string[] = []): Outbound => ({
  call: async ({ body }) => {
    sent.push(sidOf(body))
    return { status, headers: {}, body: new Uint8Array() }
  },
})

test('two nodes at once tell of each sign-out once', async () => {
  await put(count)
  const sent: string[] = []
  const outbound = answering(200, sent)
  await Promise.all([
    deliverDue({ ...services, outbound }),
    deliverDue({ ...services, db: two.db, outbound }),
    deliverDue({ ...services, outbound }),
  ])
  expect(sent).toHaveLength(count)
  expect(new Set(sent).size).toBe(count)
  expect(await listHonours(services.db)).toEqual([
    { client: 'records-app', told: count, waiting: 0, dead: 0, lastToldAt: services.clock.now() },
  ])
})

test('what was given up is listed, sent again for one or all, and set aside with a reason', async () => {
  await put(3)
  await deliverDue({ ...services, outbound: answering(400) })
  const untold = await listUntold(services.db, { limit: 10 })
  expect(untold.map(({ state, fault }) => `${state}, ${fault}`)).toEqual(Array(3).fill('dead, status 400'))
  const [first, second] = untold
  expect(await retryDead(services.db, head(), { delivery: first?.id ?? 0 })).toBe(1)
  await dismissDead(services.db, head(), second?.id ?? 0, 'told by telephone')
  await expect(dismissDead(services.db, head(), second?.id ?? 0, 'again')).rejects.toMatchObject({
    reason: 'not_found',
  })
  expect(await retryDead(services.db, head(), {})).toBe(1)
  const sent: string[] = []
  await deliverDue({ ...services, outbound: answering(204, sent) })
  expect(sent).toHaveLength(2)
  expect(await listUntold(services.db, { limit: 10 })).toEqual([])
})
