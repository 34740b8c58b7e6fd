/** SMART EHR launches in SQL: stored under hashes, taken in one statement. */

import { and, eq, gt, isNull } from 'drizzle-orm'
import type { ClientId, PracticeId, PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { launches } from '../db/schema.ts'
import type { LaunchContext } from './grant.ts'

/** Whom a launch is for: it opens nothing for anybody else. */
export interface LaunchBinding {
  client: ClientId
  practitioner: PractitionerId
  practice: PracticeId
  /** Audience of the FHIR API that its ids are of. */
  resource: string
}

export interface Launch extends LaunchBinding {
  context: LaunchContext
}

export async function insertLaunch(
  db: Db,
  launch: Launch & { launchHash: string; launcher: ClientId; expiresAt: Seconds },
): Promise<void> {
  await db.insert(launches).values(launch)
}

const open = (launchHash: string, now: Seconds) =>
  and(eq(launches.launchHash, launchHash), isNull(launches.takenAt), gt(launches.expiresAt, now))

/** Looks, and takes nothing: a sign-in or a question may come before it counts. */
export async function findLaunch(db: Db, launchHash: string, now: Seconds): Promise<Launch | undefined> {
  const [row] = await db.select().from(launches).where(open(launchHash, now))
  return row
}

/** Of parallel takers exactly one is answered; a taker for whom it was not made leaves it as it is. */
export async function takeLaunch(
  db: Db,
  launchHash: string,
  { client, practitioner, practice, resource }: LaunchBinding,
  now: Seconds,
): Promise<boolean> {
  const rows = await db
    .update(launches)
    .set({ takenAt: now })
    .where(
      and(
        open(launchHash, now),
        eq(launches.client, client),
        eq(launches.practitioner, practitioner),
        eq(launches.practice, practice),
        eq(launches.resource, resource),
      ),
    )
    .returning({ launchHash: launches.launchHash })
  return rows.length > 0
}
