/** What the kinds of events are about, for whoever asks the log for some of them only. */

import type { EventKind } from './event.ts'

export const eventGroups = ['sign-ins', 'reads', 'refusals', 'cuts', 'administration'] as const
export type EventGroup = (typeof eventGroups)[number]

/** A sealed reference is bookkeeping: it is in no group, and in the whole log. */
export const groupsOf: Record<EventKind, readonly EventGroup[]> = {
  'access.served': ['reads'],
  'access.answered': ['reads'],
  'access.intent': ['reads'],
  'access.settled': ['reads'],
  'access.refused': ['refusals'],
  'access.cut': ['reads', 'refusals'],
  'patient.sealed': [],
  'patient.asked': ['reads', 'administration'],
  'patient.declined': ['reads', 'administration'],
  'patient.shown': ['reads', 'administration'],
  'patient.resolved': ['reads', 'administration'],
  'session.started': ['sign-ins'],
  'session.stepped-up': ['sign-ins'],
  'session.ended': ['sign-ins'],
  'signin.failed': ['sign-ins', 'refusals'],
  'factor.locked': ['sign-ins', 'refusals', 'cuts'],
  'enrolment.invited': ['sign-ins', 'administration'],
  'enrolment.used': ['sign-ins', 'administration'],
  'credential.added': ['sign-ins', 'administration'],
  'credential.removed': ['sign-ins', 'administration'],
  'credential.renamed': ['sign-ins', 'administration'],
  'practice.saved': ['administration'],
  'practitioner.saved': ['administration'],
  'membership.saved': ['administration'],
  'operator.saved': ['administration'],
  'client.saved': ['administration'],
  'registration-token.saved': ['administration'],
  'resource.saved': ['administration'],
  'admin-token.minted': ['administration'],
  'admin-token.revoked': ['administration'],
  'grant.made': ['sign-ins'],
  'grant.ended': ['sign-ins', 'cuts'],
  'consent.forgotten': ['sign-ins', 'cuts'],
  'token.issued': ['sign-ins'],
  'device.denied': ['sign-ins', 'refusals'],
  'logout.told': ['sign-ins'],
  'logout.given-up': ['sign-ins', 'cuts'],
  'logout.retried': ['administration'],
  'logout.dismissed': ['administration'],
  'service-token.issued': ['sign-ins'],
  'key.created': ['administration'],
  'key.state': ['administration'],
  'restriction.made': ['cuts'],
  'restriction.lifted': ['cuts'],
  'approval.requested': ['cuts'],
  'approval.declined': ['cuts'],
  finding: ['cuts', 'refusals'],
  refused: ['refusals'],
  'patients.queried': ['reads', 'administration'],
  'server.started': ['administration'],
  'server.stopped': ['administration'],
}

export const eventKinds = Object.keys(groupsOf) as EventKind[]

export const kindsOf = (group: EventGroup): EventKind[] =>
  eventKinds.filter((kind) => groupsOf[kind].includes(group))

/** Of a group's name, or one kind's. */
export const kindsNamed = (name: EventGroup | EventKind): EventKind[] => {
  const group = eventGroups.find((each) => each === name)
  return group ? kindsOf(group) : [name as EventKind]
}
