/** Events as the gateway and the server make them, for tests of the log itself. */

import type { AuditEvent } from '../../src/audit/event.ts'
import type { ClientId, GrantId, PracticeId, PractitionerId, SessionId } from '../../src/core/ids.ts'

type Served = AuditEvent & { kind: 'access.served' }

/** One patient opened; `jti` tells one from the next. */
export const served = (jti: string, changes: Partial<Served> = {}): Served => ({
  at: 1_800_000_000,
  actor: { kind: 'practitioner', id: 'prt_alice' as PractitionerId },
  kind: 'access.served',
  patient: '1.p1',
  access: 'opened',
  types: { Patient: 1 },
  status: 200,
  practitioner: 'prt_alice' as PractitionerId,
  practice: 'prc_north' as PracticeId,
  client: 'records-app' as ClientId,
  session: 'ses_alice' as SessionId,
  grant: 'grt_alice' as GrantId,
  jti,
  resource: 'records',
  route: 'Patient.read',
  method: 'GET',
  basis: { sequence: 0, ageMs: 0, tier: 'fresh' },
  ...changes,
})
