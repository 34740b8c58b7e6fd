/** One request once its caller is known, and what every step of the pipeline may use. */

import type { AccessHead, AuditEvent, EventBody, Pseudonym } from '../audit/event.ts'
import type { PatientSealed } from '../audit/pseudonym.ts'
import type { Slot } from '../audit/spool.ts'
import type { RequestId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import { isPerson, type AccessClaims, type PersonClaims, type Subject } from '../tokens/claims.ts'
import type { Assertions } from './assertion.ts'
import { requireAllowed, type Allowed } from './decide.ts'
import type { Origin } from './origin.ts'
import type { PatientPractices } from './patients.ts'
import type { Access, GatewayServices, QuotaVerdict } from './ports.ts'
import type { Routes, Upstream } from './routes.ts'

/** The gateway's own state beside what it borrows. */
export interface Parts extends GatewayServices {
  routes: Routes
  assertions: Assertions
  patients: PatientPractices
  /** Calls open now; zero for some who have none. */
  open: Map<Subject, number>
}

export interface CallStart {
  id: RequestId
  at: Seconds
  origin: Origin
  claims: AccessClaims
  upstream: Upstream
  method: string
  route: string
}

/**
 * Calls of one practitioner (or service) at the same time, over all their sessions. Places in the log and connections to upstreams are
 * everybody's: whoever reads slowly, or sends a body and never ends it, waits for themselves alone.
 */
const mostOpen = 100
/** More than the log has places, so that a sweep always makes room: who comes and goes is not deleted each time (`OpenPassages`). */
const mostRemembered = 20_000

type Body<Kind extends EventBody['kind']> = Omit<Extract<EventBody, { kind: Kind }>, keyof AccessHead>
export type AccessBody =
  | Body<'access.served'>
  | Body<'access.answered'>
  | Body<'access.intent'>
  | Body<'access.settled'>
  | Body<'access.refused'>
  | Body<'access.cut'>

export class Call {
  readonly parts: Parts
  readonly id: RequestId
  readonly at: Seconds
  readonly origin: Origin
  readonly claims: AccessClaims
  readonly upstream: Upstream
  /** Empty: the practice is unknown, and no patient is of it. */
  readonly recordsName: string
  method: string
  route: string
  #slot: Slot | undefined

  /** Takes a place in the log before anything else: refuses `audit_unavailable`. */
  constructor(parts: Parts, start: CallStart) {
    this.parts = parts
    this.id = start.id
    this.at = start.at
    this.origin = start.origin
    this.claims = start.claims
    this.upstream = start.upstream
    this.method = start.method
    this.route = start.route
    this.#slot = parts.spool.reserve()
    parts.open.set(start.claims.sub, (parts.open.get(start.claims.sub) ?? 0) + 1)
    this.recordsName = parts.practiceNames.recordsName(start.claims.practice) ?? ''
  }

  /** Refuses `too_many_open`. */
  requireRoom(): void {
    const open = this.parts.open.get(this.claims.sub) ?? 0
    if (open > mostOpen) throw new Refusal('too_many_open', { open })
  }

  /** On the snapshot of this moment. Refuses what restrictions refuse. */
  allowed(safe: boolean): Allowed {
    return requireAllowed(this.parts.restrictions, factsOfToken(this.claims, safe), this.parts.clock.now())
  }

  /** How the log names a patient of this resource: `records/Patient/p1`. */
  pseudonym(patient: string): Pseudonym {
    return this.parts.pseudonyms.pseudonymOf(`${this.upstream.name}/${patient}`)
  }

  /** What memory says; false where it has to be asked. */
  isOwn(patient: string): boolean {
    const practices = this.parts.patients.known(this.upstream, patient)
    return practices !== undefined && this.recordsName !== '' && practices.includes(this.recordsName)
  }

  /** Is this patient of the caller's practice? Refuses `patient_unresolved`, `other_practice`. */
  async requireOwn(patient: string): Promise<void> {
    const { patients } = this.parts
    const practices =
      patients.known(this.upstream, patient) ?? (await patients.ask(this.upstream, patient, this.id))
    if (practices.length === 0) throw new Refusal('patient_unresolved', { patient: this.pseudonym(patient) })
    if (this.recordsName === '' || !practices.includes(this.recordsName))
      throw new Refusal('other_practice', { patient: this.pseudonym(patient) })
  }

  /**
   * More patients for this practitioner? Refuses `patient_quota`, `step_up_required`. A promise only where what is counted
   * is shared: the hot path need not wait for nothing.
   */
  admit(patients: readonly string[], access: Access, allowed: Allowed): void | Promise<void> {
    if (patients.length === 0) return
    const { quotas, clock } = this.parts
    const named = patients.map((patient) => this.pseudonym(patient))
    const verdict = quotas.admit(this.claims, named, access, allowed.newPatients, clock.now())
    if (verdict instanceof Promise) return verdict.then((said) => requireAdmitted(said, allowed))
    requireAdmitted(verdict, allowed)
  }

  /**
   * Resolves when durable. `named`: the patients these entries speak of; whoever is new to the log is sealed in the same
   * append, before the entry that names them.
   */
  async append(bodies: AccessBody[], named: readonly string[], route = this.route): Promise<void> {
    const seals = named.length === 0 ? [] : await this.#seals(named)
    const basis = this.parts.restrictions.basis()
    const events: AuditEvent[] = [...seals, ...bodies.map((body) => this.#event(body, route, basis))]
    if (!this.#slot) throw new Error('the call is over')
    await this.#slot.append(events)
    for (const seal of seals) this.parts.pseudonyms.keptSeal(seal)
  }

  async #seals(named: readonly string[]): Promise<PatientSealed[]> {
    const seals: PatientSealed[] = []
    for (const patient of named) {
      const seal = this.parts.pseudonyms.sealIfNew(`${this.upstream.name}/${patient}`)
      if (seal) seals.push(await seal)
    }
    return seals
  }

  #event(body: AccessBody, route: string, basis: AccessHead['basis']): AuditEvent {
    const { claims } = this
    return {
      at: this.at,
      request: this.id,
      network: this.origin.network,
      ...(isPerson(claims) ? personHead(claims) : { actor: { kind: 'client', id: claims.sub } }),
      ...body,
      practice: claims.practice,
      client: claims.client_id,
      jti: claims.jti,
      resource: this.upstream.name,
      route,
      method: this.method,
      basis,
    }
  }

  /** Gives the place in the log back; once. */
  close(): void {
    if (!this.#slot) return
    this.#slot.release()
    this.#slot = undefined
    const { open } = this.parts
    open.set(this.claims.sub, (open.get(this.claims.sub) ?? 1) - 1)
    if (open.size > mostRemembered) for (const [who, count] of open) if (count <= 0) open.delete(who)
  }
}

const personHead = ({ sub, sid, grant_id, act, granted_to }: PersonClaims) => ({
  actor: { kind: 'practitioner', id: sub } as const,
  practitioner: sub,
  session: sid,
  grant: grant_id,
  ...(act && { act }),
  ...(granted_to !== undefined && { grantedTo: granted_to }),
})

function requireAdmitted(verdict: QuotaVerdict, allowed: Allowed): void {
  if (verdict.allow) return
  const { by = allowed.by, message = allowed.message, reason, patient } = verdict
  throw new Refusal(reason, { by, message, patient })
}
