/** Identifiers that cannot be mixed up or forged: branded, prefixed by kind, 128 random bits. */

import { base64url, randomBytes } from './bytes.ts'
import { Refusal } from './refusal.ts'

declare const kindOf: unique symbol
export type Id<Kind extends string> = string & { readonly [kindOf]: Kind }

const prefixes = {
  practice: 'prc',
  practitioner: 'prt',
  membership: 'mbr',
  operator: 'opr',
  session: 'ses',
  client: 'cli',
  grant: 'grt',
  credential: 'crd',
  device: 'dev',
  restriction: 'rst',
  finding: 'fnd',
  approval: 'apr',
  resolution: 'rsl',
  request: 'req',
  adminToken: 'adt',
  registrationToken: 'rgt',
} as const
export type IdKind = keyof typeof prefixes

export type PracticeId = Id<'practice'>
export type PractitionerId = Id<'practitioner'>
export type MembershipId = Id<'membership'>
export type OperatorId = Id<'operator'>
export type SessionId = Id<'session'>
export type ClientId = Id<'client'>
export type GrantId = Id<'grant'>
export type CredentialId = Id<'credential'>
export type DeviceId = Id<'device'>
export type RestrictionId = Id<'restriction'>
export type FindingId = Id<'finding'>
export type ApprovalId = Id<'approval'>
export type ResolutionId = Id<'resolution'>
export type RequestId = Id<'request'>
export type AdminTokenId = Id<'adminToken'>
export type RegistrationTokenId = Id<'registrationToken'>

export const mintId = <Kind extends IdKind>(kind: Kind): Id<Kind> =>
  `${prefixes[kind]}_${base64url(randomBytes(16))}` as Id<Kind>

/** Clients may be named by whoever registers them (`records-app`); every other id is ours. */
export const idPattern = (kind: IdKind): RegExp =>
  kind === 'client'
    ? /^[A-Za-z0-9][A-Za-z0-9._~-]{1,79}$/
    : new RegExp(`^${prefixes[kind]}_[A-Za-z0-9_-]{2,40}$`)

/**
 * Written like an id of ours for something else than a client. Clients and people share the `sub` of tokens (RFC 9068
 * §5), so a client that chooses its name must not choose a person's.
 */
export const looksMinted = (value: string): boolean =>
  Object.entries(prefixes).some(([kind, prefix]) => kind !== 'client' && value.startsWith(`${prefix}_`))

/** Refuses `malformed_id`. */
export function parseId<Kind extends IdKind>(kind: Kind, value: unknown): Id<Kind> {
  if (typeof value !== 'string' || !idPattern(kind).test(value))
    throw new Refusal('malformed_id', { expected: kind })
  return value as Id<Kind>
}
