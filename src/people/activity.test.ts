import { expect, test } from 'vitest'
import type { AuditEvent } from '../audit/event.ts'
import type { SessionId } from '../core/ids.ts'
import { minutes } from '../core/time.ts'
import { testServices } from '../../test/support/services.ts'
import { watchActivity } from './activity.ts'
import { createPractitioner } from './practitioners.ts'
import { beginSession, findSession } from './session.ts'

test('a doctor who works in the records all day stays signed in; one who is refused all day does not', async () => {
  const services = await testServices()
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } as const }
  const person = await createPractitioner(
    services,
    { givenName: 'Anne', familyName: 'Martin', email: 'anne@example.org', language: 'fr' },
    head,
  )
  const begin = () =>
    beginSession(services, {
      holder: { kind: 'practitioner', id: person.id },
      acr: 'garde:passkey',
      amr: ['user'],
      network: '192.0.2.0/24',
      userAgent: 'Test',
      sharedDesk: true,
    })
  const [working, refused] = [await begin(), await begin()]
  const saw = watchActivity(services)
  const call = (kind: string, session: SessionId) =>
    saw({ at: services.clock.now(), kind, session } as unknown as AuditEvent)
  for (let i = 0; i < 10; i++) {
    services.clock.advance(minutes(4))
    call('access.answered', working.session.id)
    call('access.refused', refused.session.id)
    // Reading waits behind the touch on the embedded database's one connection.
    await findSession(services, working.cookie)
  }
  expect(await findSession(services, working.cookie)).toBeDefined()
  expect(await findSession(services, refused.cookie)).toBeUndefined()
  await services.close()
})
