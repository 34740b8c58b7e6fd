/** An operator with a passkey, and the sessions they open. */

import type { Holder } from '../../src/audit/event.ts'
import { mintId, type OperatorId } from '../../src/core/ids.ts'
import { passkeys } from '../../src/db/schema.ts'
import { createOperator } from '../../src/people/operators.ts'
import { beginSession, type Begun, type Proof } from '../../src/people/session.ts'
import type { TestServices } from './services.ts'

export const byPasskey: Proof = { acr: 'garde:passkey', amr: ['user', 'phr'] }
export const bySecret: Proof = { acr: 'garde:secret-otp', amr: ['pwd', 'otp'] }

let enrolled = 0

export async function enrolOperator(services: TestServices): Promise<OperatorId> {
  const name = `op${++enrolled}`
  const { id } = await createOperator(
    services,
    { name, email: `${name}@garde.example`, language: 'fr' },
    { at: services.clock.now(), actor: { kind: 'system', id: 'test' } },
  )
  await services.db.insert(passkeys).values({
    id: mintId('credential'),
    credential: `${name}-${id}`,
    holderKind: 'operator',
    holder: id,
    publicKey: new Uint8Array(1),
    thumbprint: name,
    counter: 0,
    aaguid: '00000000-0000-0000-0000-000000000000',
    transports: [],
    backupEligible: false,
    backedUp: false,
    label: name,
    createdAt: services.clock.now(),
  })
  return id
}

export const signInAs = (services: TestServices, holder: Holder, proof: Proof = byPasskey): Promise<Begun> =>
  beginSession(services, {
    holder,
    ...proof,
    network: '192.0.2.0/24',
    userAgent: 'test',
    sharedDesk: false,
  })

export const signIn = (services: TestServices, id: OperatorId, proof?: Proof): Promise<Begun> =>
  signInAs(services, { kind: 'operator', id }, proof)
