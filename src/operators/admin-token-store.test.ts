import { afterEach, beforeEach, expect, test } from 'vitest'
import { enrolOperator } from '../../test/support/operators.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { Actor } from '../audit/event.ts'
import type { OperatorId } from '../core/ids.ts'
import { hours } from '../core/time.ts'
import { adminTokens, auditQueue } from '../db/schema.ts'
import { createOperator, disableOperator } from '../people/operators.ts'
import { restrict } from '../restrictions/store.ts'
import { factsOfToken, mintAdminToken, requireAdminToken } from './admin-token-store.ts'

let services: TestServices
let operator: OperatorId
const shell: Actor = { kind: 'system', id: 'control-socket' }

beforeEach(async () => {
  services = await testServices()
  operator = await enrolOperator(services)
})
afterEach(() => services.close())

const refused = { reason: 'admin_token_invalid' }

test('names its operator until it expires', async () => {
  const { token, id, expiresAt } = await mintAdminToken(services, operator, hours(1), shell)
  expect(expiresAt).toBe(services.clock.now() + 3600)
  expect(await requireAdminToken(services, token)).toMatchObject({ id, operator })
  services.clock.advance(3600)
  await expect(requireAdminToken(services, token)).rejects.toMatchObject(refused)
})

test('only its hash is kept, and making it is recorded', async () => {
  const { token, expiresAt } = await mintAdminToken(services, operator, hours(1), shell)
  expect(JSON.stringify(await services.db.select().from(adminTokens))).not.toContain(token)
  const events = (await services.db.select().from(auditQueue)).map(({ event }) => event)
  expect(events.at(-1)).toEqual({
    at: services.clock.now(),
    actor: shell,
    kind: 'admin-token.minted',
    operator,
    expiresAt,
  })
  expect(JSON.stringify(events)).not.toContain(token)
})

test.each([59, 24 * 3600 + 1, 90.5])('cannot live for %d s', async (seconds) => {
  await expect(mintAdminToken(services, operator, seconds, shell)).rejects.toMatchObject({
    reason: 'malformed_request',
  })
})

test('is not made for a stranger, and a guess is refused', async () => {
  await expect(mintAdminToken(services, 'opr_nobody' as OperatorId, 60, shell)).rejects.toMatchObject({
    reason: 'not_found',
  })
  await expect(requireAdminToken(services, 'a'.repeat(43))).rejects.toMatchObject(refused)
})

test('dies with its operator', async () => {
  await enrolOperator(services)
  const { token } = await mintAdminToken(services, operator, hours(1), shell)
  await disableOperator(services, operator, { at: services.clock.now(), actor: shell })
  await expect(requireAdminToken(services, token)).rejects.toMatchObject(refused)
})

test('a stolen one cannot leave nobody who could lift', async () => {
  const head = { at: services.clock.now(), actor: shell }
  const other = await enrolOperator(services)
  const fields = { name: 'Invited', email: 'invited@garde.example', language: 'fr' } as const
  await createOperator(services, fields, head)
  await restrict(
    services,
    { kind: 'operator', id: operator },
    {
      selector: { operator: other },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'test',
    },
  )
  // The other is denied, the invited one has no passkey yet.
  await expect(disableOperator(services, operator, head)).rejects.toMatchObject({ reason: 'last_commander' })
  await expect(disableOperator(services, other, head)).resolves.toMatchObject({ disabledAt: head.at })
})

test('is ended with its operator’s sessions; one made later is not', async () => {
  await enrolOperator(services)
  const decide = async (token: string) =>
    services.restrictions.decide(
      factsOfToken(await requireAdminToken(services, token), true),
      services.clock.now(),
    )
  const { token: before } = await mintAdminToken(services, operator, hours(1), shell)
  const author = { kind: 'rule', rule: 'test' } as const
  const effect = { kind: 'step-up' } as const
  await restrict(services, author, {
    selector: { operator },
    effect,
    endsSessions: true,
    reason: 'laptop stolen',
  })
  services.clock.advance(1)
  const { token: after } = await mintAdminToken(services, operator, hours(1), shell)
  expect(await decide(before)).toMatchObject({ allow: false, reason: 'session_ended' })
  expect(await decide(after)).toMatchObject({ allow: true })
})
