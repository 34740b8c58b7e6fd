/**
 * Services for one request on Workers, and what its gateway borrows: connections of its own, everything else out of the
 * isolate. Before anything is decided, keys, journal and resources are asked for, in one flight.
 */

import type { StrangerSums } from '../audit/stranger-sums.ts'
import { createRecorder } from '../audit/recorder.ts'
import { record } from '../audit/store.ts'
import { clientFinder } from '../clients/store.ts'
import { keysAtAddress } from '../clients/keys-at-address.ts'
import { Refusal } from '../core/refusal.ts'
import { systemClock } from '../core/time.ts'
import type { Database } from '../db/db.ts'
import type { GatewayServices } from '../gateway/ports.ts'
import { smartConfiguration } from '../oauth/smart-configuration.ts'
import { watchActivity } from '../people/activity.ts'
import { openResourceTable } from '../resources/store.ts'
import type { JournalFeed } from '../restrictions/journal.ts'
import { emptySnapshot } from '../restrictions/snapshot.ts'
import { journalSince } from '../restrictions/store.ts'
import { createView } from '../restrictions/view.ts'
import { watchedSpool, watchElsewhere } from '../risk/elsewhere.ts'
import { actOnFinding } from '../risk/finding-store.ts'
import type { Finding } from '../risk/finding.ts'
import { quotaKeeping } from '../risk/quota-store.ts'
import { createSharedQuotas } from '../risk/shared-quotas.ts'
import type { Services } from '../services.ts'
import { readRing } from '../tokens/key-ring.ts'
import { openPseudonyms } from './compose-gateway.ts'
import type { Ports } from './compose.ts'
import { fetchForwarder } from './fetch-forwarder.ts'
import { fetchOutbound } from './fetch-outbound.ts'
import { practiceBook } from './practice-book.ts'
import { primitives } from './primitives.ts'
import { serverProofs } from './proofs.ts'
import { recordsDoor, type RecordsDoor } from './records-door.ts'
import { databaseSpool } from './spool-db.ts'
import { databaseThrottle } from './throttle.ts'
import type { Isolate } from './workers-isolate.ts'

/** Its door to the gateway is opened by whoever has one. */
export type OpenServices = Services & { records: RecordsDoor }

/** Follows the journal until `restrictions.stop`: what lasts longer than a second is judged on what is new. */
export async function openServices(
  ports: Omit<Ports, 'clock' | 'throttle'>,
  isolate: Isolate,
): Promise<OpenServices> {
  const { config, database, keyEncryptionKey, log } = ports
  const { db } = database
  const restrictions = createView(provenFeed(database, isolate), systemClock, { log, kept: isolate.journal })
  const reading = { db, keyEncryptionKey, primitives, issuer: config.issuer }
  const following = restrictions.follow()
  const asked = Promise.all([readRing(reading, isolate.ring), openResourceTable(db), following])
  const [ring, resources] = await asked.catch(async (error: unknown) => {
    await following.catch(() => undefined) // one of the three failed, and is told
    await restrictions.stop()
    throw error
  })
  if (ring.saidBy === '')
    throw new Refusal('state_unavailable', {
      cause: 'there are no keys yet: start Garde once on a machine with a disk',
    })
  isolate.ring = ring
  const outbound = fetchOutbound(config.dangerouslyAllowedOutbound)
  return {
    ...ports,
    db,
    clock: systemClock,
    primitives,
    outbound,
    findClient: clientFinder(db),
    clientKeys: keysAtAddress({ outbound, clock: systemClock }, isolate.clientKeys),
    // Each request has asked what counts: there is nothing newer to take over.
    keys: { ...ring, reload: async () => {} },
    proofs: serverProofs({ db, keyEncryptionKey }, isolate.proofKeys),
    restrictions,
    recorder: createRecorder((events) => record(database.db, ...events), log),
    resources,
    records: recordsDoor(),
    throttle: databaseThrottle(db),
  }
}

/** A journal that is shorter than what was seen was put back from a backup: what was seen is forgotten. Refuses `state_unavailable`. */
function provenFeed({ db }: Database, { journal }: Isolate): JournalFeed {
  return {
    since: async (sequence) => {
      if (sequence === 0) return journalSince(db, 0)
      const [known, ...rows] = await journalSince(db, sequence - 1)
      if (known) return rows
      journal.snapshot = emptySnapshot
      throw new Refusal('state_unavailable', { cause: 'the journal is shorter than it was' })
    },
    // Hyperdrive has no LISTEN.
    onNotice: async () => async () => {},
  }
}

export interface GatewayRequest {
  strangers: StrangerSums
  /** What goes on after the answer; the connection stays open for it. */
  afterwards: (work: Promise<unknown>) => void
}

export async function gatewayServices(
  services: Services,
  isolate: Isolate,
  { strangers, afterwards }: GatewayRequest,
): Promise<GatewayServices> {
  const { config, clock, log, restrictions, resources, keys, db } = services
  const book = practiceBook(db, isolate.practices)
  isolate.pseudonyms ??= await openPseudonyms(services, { node: 'workers', remembered: 0 })
  const act = (finding: Finding) => {
    const acted = actOnFinding(services, finding)
    afterwards(acted)
    return acted
  }
  return {
    issuer: config.issuer,
    trustedProxies: config.trustedProxies,
    clock,
    log,
    keys,
    restrictions,
    resources,
    tokens: book.learning(keys),
    // An isolate is no node: it comes and goes, so what was shown is a row, and nonces are the server's.
    proofs: services.proofs,
    practiceNames: book,
    quotas: createSharedQuotas({
      keeping: quotaKeeping(db),
      seen: isolate.quotas,
      practiceCreatedAt: (practice) => book.createdAt(practice),
      act,
      sequence: () => restrictions.basis().sequence,
      afterwards,
    }),
    pseudonyms: isolate.pseudonyms,
    spool: watchedSpool(
      databaseSpool({ db, log }),
      watchElsewhere({ act, log }, isolate.elsewhere),
      watchActivity(services, isolate.touched),
    ),
    strangers,
    forwarder: fetchForwarder(),
    smartConfiguration: () => smartConfiguration(services),
    patientMemory: isolate.patients,
  }
}
