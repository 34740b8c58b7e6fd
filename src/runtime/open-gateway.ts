/** The gateway beside the authorization server: what it borrows comes from the same Services. */

import type { Pseudonyms } from '../audit/pseudonym.ts'
import type { Spool, StrangerCount } from '../audit/spool.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import type { Forwarder, PatientQuotas } from '../gateway/ports.ts'
import { practiceNames } from '../people/practice-names.ts'
import type { Services } from '../services.ts'

/** What differs between runtimes. */
export interface Lent {
  spool: Spool
  pseudonyms: Pseudonyms
  strangers: StrangerCount
  quotas: PatientQuotas
  forwarder: Forwarder
}

export const openGateway = (services: Services, lent: Lent): Gateway =>
  createGateway({
    ...lent,
    issuer: services.config.issuer,
    trustedProxies: services.config.trustedProxies,
    clock: services.clock,
    log: services.log,
    tokens: services.keys,
    keys: services.keys,
    restrictions: services.restrictions,
    practiceNames: practiceNames(services),
    resources: services.resources,
  })
