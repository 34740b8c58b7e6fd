/**
 * What the gateway asks about practices while it may not wait: how records APIs name them, and since when they exist.
 * Neither ever changes, so a practice is learnt once, at the latest when the first token of it is verified.
 */

import type { PracticeId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import type { PracticeNames } from '../gateway/ports.ts'
import { findPractice, listPractices, type Practice } from '../people/practices.ts'
import type { AccessTokenVerifier } from '../tokens/claims.ts'

export interface PracticeBook extends PracticeNames {
  createdAt(practice: PracticeId): Seconds | undefined
  /** The same verifier; whatever it lets through is of a practice in this book, if there is such a practice. */
  learning(tokens: AccessTokenVerifier): AccessTokenVerifier
}

export async function openPracticeBook(db: Db): Promise<PracticeBook> {
  const known: KnownPractices = new Map()
  for (const practice of await listPractices({ db })) known.set(practice.id, practice)
  return practiceBook(db, known)
}

export type KnownPractices = Map<PracticeId, Practice>

/** What is learnt is put into `known`, which may outlive `db`. */
export function practiceBook(db: Db, known: KnownPractices): PracticeBook {
  return {
    recordsName: (practice) => known.get(practice)?.recordsName,
    createdAt: (practice) => known.get(practice)?.createdAt,
    learning: (tokens) => ({
      verifyCached: (token, audience, now) => {
        const claims = tokens.verifyCached(token, audience, now)
        return claims && known.has(claims.practice) ? claims : undefined
      },
      verify: async (token, audience, now) => {
        const claims = await tokens.verify(token, audience, now)
        const practice = known.has(claims.practice) ? undefined : await findPractice({ db }, claims.practice)
        if (practice) known.set(practice.id, practice)
        return claims
      },
    }),
  }
}
