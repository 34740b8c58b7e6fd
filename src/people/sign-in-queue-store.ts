/** The queue's one row. Every node reads the same; who joins waits for the row's lock, so that no turn is given twice. */

import { eq } from 'drizzle-orm'
import type { Db } from '../db/db.ts'
import { signInQueues } from '../db/schema.ts'
import type { SignInQueue } from './sign-in-queue.ts'

const name = 'sign-in'

/** Undefined before anybody has signed in. */
export async function readQueue(db: Db): Promise<SignInQueue | undefined> {
  const [row] = await db
    .select({ queue: signInQueues.queue })
    .from(signInQueues)
    .where(eq(signInQueues.name, name))
  return row?.queue
}

/** `change` sees the queue as no other node changes it meanwhile; what it answers as `queue` is kept. */
export async function changeQueue<T extends { queue: SignInQueue }>(
  db: Db,
  first: SignInQueue,
  change: (queue: SignInQueue) => T,
): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.insert(signInQueues).values({ name, queue: first }).onConflictDoNothing()
    const [row] = await tx
      .select({ queue: signInQueues.queue })
      .from(signInQueues)
      .where(eq(signInQueues.name, name))
      .for('update')
    const changed = change(row?.queue ?? first)
    await tx.update(signInQueues).set({ queue: changed.queue }).where(eq(signInQueues.name, name))
    return changed
  })
}
