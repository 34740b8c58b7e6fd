/** What the gateway borrows, put together from the services of the authorization server: one process today. */

import { createPseudonyms, type Pseudonyms } from '../audit/pseudonym.ts'
import { loadPseudonymKeys, sealedPatients, type PseudonymKeyHolder } from '../audit/pseudonym-store.ts'
import type { Spool, StrangerCount } from '../audit/spool.ts'
import { days } from '../core/time.ts'
import { smartConfiguration } from '../oauth/smart-configuration.ts'
import type { Forwarder, GatewayServices, PatientQuotas } from '../gateway/ports.ts'
import { watchActivity } from '../people/activity.ts'
import { watchedSpool, watchElsewhere } from '../risk/elsewhere.ts'
import { actOnFinding, listFindings, servedLastDay } from '../risk/finding-store.ts'
import { createQuotas, type QuotaPorts } from '../risk/quotas.ts'
import type { Services } from '../services.ts'
import { gatewayProofs } from './proofs.ts'
import { openPracticeBook, type PracticeBook } from './practice-book.ts'

export interface GatewayPorts {
  spool: Spool
  strangers: StrangerCount
  forwarder: Forwarder
  /** Where it runs; said in events that it causes itself. */
  node: string
  /** How many patients are known to be sealed already. */
  remembered: number
  keepShares?: PseudonymKeyHolder['keepShares']
}

export async function composeGateway(services: Services, ports: GatewayPorts): Promise<GatewayServices> {
  const { config, clock, log, restrictions, resources, keys } = services
  const book = await openPracticeBook(services.db)
  const act: QuotaPorts['act'] = (finding) => actOnFinding(services, finding)
  return {
    issuer: config.issuer,
    trustedProxies: config.trustedProxies,
    clock,
    log,
    keys,
    restrictions,
    resources,
    tokens: book.learning(keys),
    proofs: gatewayProofs(),
    practiceNames: book,
    quotas: await openQuotas(services, act, book),
    pseudonyms: await openPseudonyms(services, ports),
    spool: watchedSpool(ports.spool, watchElsewhere({ act, log }), watchActivity(services)),
    strangers: ports.strangers,
    forwarder: ports.forwarder,
    smartConfiguration: () => smartConfiguration(services),
  }
}

/** Counting goes on where it stood: a restart must not hand out a fresh day's worth of patients. */
async function openQuotas(
  services: Services,
  act: QuotaPorts['act'],
  book: PracticeBook,
): Promise<PatientQuotas> {
  const { db, log } = services
  const now = services.clock.now()
  const quotas = createQuotas({ act, log, practiceCreatedAt: (practice) => book.createdAt(practice) })
  const found = await listFindings(db, { since: now - days(1), limit: 10_000 })
  quotas.restore(
    await servedLastDay(db, now),
    found.flatMap(({ practitioner, rule, at }) => (practitioner ? [{ practitioner, rule, at }] : [])),
  )
  return {
    admit: (claims, patients, access, newPatients, at) => {
      for (const patient of patients) {
        const verdict = quotas.admit(claims, patient, access, newPatients, at)
        if (!verdict.allow) return { ...verdict, patient }
      }
      return { allow: true }
    },
  }
}

export async function openPseudonyms(
  services: Services,
  ports: Pick<GatewayPorts, 'node' | 'remembered' | 'keepShares'>,
): Promise<Pseudonyms> {
  const { db, clock, primitives, keyEncryptionKey } = services
  const { node, remembered, keepShares } = ports
  const keys = await loadPseudonymKeys({ db, clock, keyEncryptionKey, ...(keepShares && { keepShares }) })
  const pseudonyms = createPseudonyms({ primitives, clock, keys, node })
  pseudonyms.remember(await sealedPatients(db, remembered))
  return pseudonyms
}
