/**
 * Acts that loosen: whoever could do them alone with a stolen token could let themselves or others in. Each is a value, so
 * that it can wait for a person, be shown whole to them, and be done exactly as it was shown.
 */

import type { EventHead, Holder } from '../audit/event.ts'
import type { Client, ClientInput } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { PracticeId, PractitionerId, RestrictionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import { inviteHolder } from '../people/enrolment.ts'
import { addMembership, type Membership, type newMembership } from '../people/memberships.ts'
import { createOperator, type newOperator, type Operator } from '../people/operators.ts'
import { updatePractice, type Practice, type practiceChange } from '../people/practices.ts'
import {
  enablePractitioner,
  updatePractitioner,
  type Practitioner,
  type practitionerChange,
} from '../people/practitioners.ts'
import type { Resource } from '../resources/resource.ts'
import { saveResource } from '../resources/store.ts'
import type { Lift } from '../restrictions/restriction.ts'
import { lift, type Applied } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import type { ProvenOperator } from './fresh-passkey.ts'

type Output<Shape extends { _output: unknown }> = Shape['_output']

interface Fields {
  lift: { restriction: RestrictionId; reason: string }
  'save-client': { client: ClientInput }
  'save-resource': { resource: Resource }
  'create-operator': { operator: Output<typeof newOperator> }
  invite: { holder: Holder; lifetimeSeconds: Seconds }
  'enable-practitioner': { practitioner: PractitionerId }
  'change-practitioner': { practitioner: PractitionerId; change: Output<typeof practitionerChange> }
  'change-practice': { practice: PracticeId; change: Output<typeof practiceChange> }
  'add-membership': {
    practitioner: PractitionerId
    practice: PracticeId
    membership: Output<typeof newMembership>
  }
}

export type LooseningKind = keyof Fields
export type Loosening<Kind extends LooseningKind = LooseningKind> = {
  [K in Kind]: { kind: K } & Fields[K]
}[Kind]

/** What came of it. Secrets among it (`url` of an invitation, `secret` of a client) are for whoever approved, once. */
interface Makes {
  lift: { lift: Lift } & Applied
  'save-client': { client: Client; secret?: string }
  'save-resource': Resource
  'create-operator': Operator
  invite: { url: string; expiresAt: Seconds }
  'enable-practitioner': Practitioner
  'change-practitioner': Practitioner
  'change-practice': Practice
  'add-membership': Membership
}
export type Made = { [K in LooseningKind]: { kind: K; made: Makes[K] } }[LooseningKind]

type Performances = {
  [K in LooseningKind]: (
    services: Services,
    act: Loosening<K>,
    operator: ProvenOperator,
    head: EventHead,
  ) => Promise<Makes[K]>
}

const performances: Performances = {
  lift: (services, { restriction, reason }, id, head) =>
    lift(services, { kind: 'operator', id }, { restriction, reason }, head),
  'save-client': (services, { client }, _, head) => saveClient(services, head, client),
  'save-resource': (services, { resource }, _, head) => saveResource(services, head, resource),
  'create-operator': (services, { operator }, _, head) => createOperator(services, operator, head),
  invite: (services, { holder, lifetimeSeconds }, _, head) =>
    inviteHolder(services, { holder, purpose: 'enrol', lifetimeSeconds }, head),
  'enable-practitioner': (services, { practitioner }, _, head) =>
    enablePractitioner(services, practitioner, head),
  'change-practitioner': (services, { practitioner, change }, _, head) =>
    updatePractitioner(services, practitioner, change, head),
  'change-practice': (services, { practice, change }, _, head) =>
    updatePractice(services, practice, change, head),
  'add-membership': (services, { practitioner, practice, membership }, _, head) =>
    addMembership(services, practitioner, practice, membership, head),
}

export const looseningKinds = Object.keys(performances) as [LooseningKind, ...LooseningKind[]]

/** Refuses whatever the act itself refuses. */
export async function perform<Kind extends LooseningKind>(
  services: Services,
  act: Loosening<Kind>,
  operator: ProvenOperator,
  head: EventHead,
): Promise<Made> {
  const performance: Performances[Kind] = performances[act.kind]
  return { kind: act.kind, made: await performance(services, act, operator, head) } as Made
}
