/** Practitioner × practice × role, with a start and an end. A leaver is a membership whose end has come. */

import { z } from 'zod'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type MembershipId, type PracticeId, type PractitionerId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { minutes, type Seconds } from '../core/time.ts'
import type { Services } from '../services.ts'
import type { Role } from '../tokens/claims.ts'
import { stopMember } from './stop.ts'
import {
  endMembershipRow,
  insertMembership,
  listMembershipRows,
  openMembershipRows,
} from './membership-store.ts'
import type { Needs } from './needs.ts'
import { findPracticeRow } from './practice-store.ts'
import { findPractitionerRow } from './practitioner-store.ts'

export interface Membership {
  id: MembershipId
  practitioner: PractitionerId
  practice: PracticeId
  role: Role
  /** For a secretary: of how many doctors. */
  doctors: number
  startAt: Seconds
  /** The first second it no longer holds. */
  endAt?: Seconds
}

/** With what a choice of practice shows. */
export interface OpenMembership extends Membership {
  practiceName: string
  recordsName: string
  secretSignIn: boolean
}

export const newMembership = z
  .strictObject({
    role: z.enum(['clinician', 'secretary', 'manager']),
    doctors: z.int().min(1).max(500).default(1),
    startAt: z.int().nonnegative().optional(),
    endAt: z.int().nonnegative().optional(),
  })
  .refine(({ startAt, endAt }) => endAt === undefined || startAt === undefined || endAt > startAt, {
    path: ['endAt'],
    message: 'the end is before the start',
  })

/** Starts now unless said. Refuses `not_found` when practitioner or practice is unknown. */
export async function addMembership(
  needs: Pick<Needs, 'db'>,
  practitioner: PractitionerId,
  practice: PracticeId,
  fields: z.output<typeof newMembership>,
  head: EventHead,
): Promise<Membership> {
  const membership: Membership = {
    id: mintId('membership'),
    practitioner,
    practice,
    ...fields,
    startAt: fields.startAt ?? head.at,
  }
  return needs.db.transaction(async (tx) => {
    if (!(await findPractitionerRow(tx, practitioner))) throw new Refusal('not_found', { practitioner })
    if (!(await findPracticeRow(tx, practice))) throw new Refusal('not_found', { practice })
    await insertMembership(tx, membership)
    await recordSaved(tx, membership, head)
    return membership
  })
}

/** Now, or at a time given; never later than an end already set. Refuses `not_found`. */
export async function endMembership(
  services: Services,
  id: MembershipId,
  endAt: Seconds,
  head: EventHead,
): Promise<Membership> {
  const ended = await services.db.transaction(async (tx) => {
    const membership = await endMembershipRow(tx, id, endAt)
    if (!membership) throw new Refusal('not_found', { membership: id })
    await recordSaved(tx, membership, head)
    return membership
  })
  // Tokens issued from now on end with it; those issued before may outlive it.
  if (endAt < services.clock.now() + longestTokenSeconds) await stopMember(services, ended, head)
  return ended
}

/** An access token lives that long at most (protocols). */
const longestTokenSeconds = minutes(5)

const recordSaved = (db: Needs['db'], membership: Membership, head: EventHead): Promise<void> =>
  record(db, {
    ...head,
    kind: 'membership.saved',
    practitioner: membership.practitioner,
    practice: membership.practice,
    role: membership.role,
    startAt: membership.startAt,
    ...(membership.endAt !== undefined && { endAt: membership.endAt }),
  })

/** Those that hold at `now`: begun and not over. A disabled practitioner has none. */
export const membershipsOf = (
  needs: Pick<Needs, 'db'>,
  practitioner: PractitionerId,
  now: Seconds,
): Promise<OpenMembership[]> => openMembershipRows(needs.db, practitioner, now)

/** All there ever were, for the console and the admin API; of one practitioner or practice when given. */
export const listMemberships = (
  needs: Pick<Needs, 'db'>,
  of: { practitioner?: PractitionerId; practice?: PracticeId } = {},
): Promise<Membership[]> => listMembershipRows(needs.db, of)
