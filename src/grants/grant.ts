/**
 * What a practitioner let a client have: one practice, one audience, some scopes, for as long as the session lives.
 * Refresh tokens hang from it. Nothing cascades to it: whether it still stands is worked out from what it stands on.
 */

import type { Client } from '../clients/client.ts'
import type { ClientId, GrantId, MembershipId, PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Facts } from '../restrictions/facts.ts'
import type { Acr, Amr, Role, SessionFacts } from '../tokens/claims.ts'

export interface Grant {
  id: GrantId
  client: ClientId
  practitioner: PractitionerId
  practice: PracticeId
  membership: MembershipId
  session: SessionId
  /** Space-separated. */
  scope: string
  /** The one audience of its access tokens. */
  resource: string
  /** As they were when it was made: refreshing never raises them (RFC 9470; protocols). */
  acr: Acr
  amr: Amr[]
  authTime: Seconds
  nonce: string | null
  /** RFC 7638 thumbprint of the DPoP key that its refresh token is bound to. */
  jkt: string | null
  context: GrantContext
  createdAt: Seconds
  endedAt: Seconds | null
  /** When a sign-out of it was put by for its client; that it was delivered, `deliveries` says. */
  logoutToldAt?: Seconds | null
}

/** SMART App Launch 2.2: what an application was opened on. Patient and encounter are ids in the records API. */
export interface LaunchContext {
  patient: string
  encounter?: string
  /** What the application was opened for, in words that it and its opener agreed on. */
  intent?: string
  /** May the application leave out whose record it shows, because something around it says so? */
  needPatientBanner: boolean
}

/** What came with the authorization beside scopes. */
export interface GrantContext {
  /** Never changes: another patient is another authorization. */
  launch?: LaunchContext
  /** OpenID Connect Core §5.5, as it was asked and allowed: names of claims for each place. */
  claims?: { id_token?: string[]; userinfo?: string[] }
}

/** A grant and all that it stands on, read together. */
export interface Ground {
  grant: Grant
  session: {
    facts: SessionFacts
    lastActiveAt: Seconds
    idleSeconds: Seconds
    endsAt: Seconds
    endedAt: Seconds | null
  }
  practitioner: {
    givenName: string
    familyName: string
    language: 'fr' | 'en'
    /** Practitioner id in the records API. */
    recordsName: string | null
    disabledAt: Seconds | null
  }
  membership: { role: Role; doctors: number; startAt: Seconds; endAt: Seconds | null }
  client: Pick<Client, 'profile' | 'options' | 'scopes' | 'resources'> & { disabledAt: Seconds | null }
}

export type Fall = 'grant' | 'session' | 'practitioner' | 'membership' | 'client'

/** Why nothing may be issued from it or told of it any more; undefined while it stands. Pure. */
export function fallOf(
  { grant, session, practitioner, membership, client }: Ground,
  now: Seconds,
): Fall | undefined {
  if (grant.endedAt !== null) return 'grant'
  // Refreshing alone is not activity, so an idle session takes its grants along.
  if (session.endedAt !== null || session.endsAt <= now || session.lastActiveAt + session.idleSeconds <= now)
    return 'session'
  if (practitioner.disabledAt !== null) return 'practitioner'
  if (membership.startAt > now || (membership.endAt !== null && membership.endAt <= now)) return 'membership'
  return client.disabledAt === null ? undefined : 'client'
}

/** What restrictions are judged on. */
export const factsOfGrant = ({ grant, session }: Pick<Ground, 'grant' | 'session'>): Facts => ({
  practitioner: grant.practitioner,
  practice: grant.practice,
  client: grant.client,
  session: grant.session,
  sessionSequence: session.facts.session_sequence,
  grant: grant.id,
  authTime: grant.authTime,
  safe: true,
})
