/** The tenants: cabinets, houses of health, hospital units. Each change is recorded in its own transaction. */

import { z } from 'zod'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type PracticeId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { refuseDuplicate } from '../db/unique.ts'
import { finessShape, nameShape, sirenShape } from './identifiers.ts'
import type { Needs } from './needs.ts'
import { findPracticeRow, insertPractice, listPracticeRows, updatePracticeRow } from './practice-store.ts'

export interface Practice {
  id: PracticeId
  name: string
  finess?: string
  siren?: string
  /** How the records API names it (Organization id). */
  recordsName: string
  /** The lesser way in is allowed. */
  secretSignIn: boolean
  createdAt: Seconds
}

export const newPractice = z.strictObject({
  name: nameShape,
  finess: finessShape.optional(),
  siren: sirenShape.optional(),
  recordsName: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/, 'expected a FHIR id'),
  secretSignIn: z.boolean().default(true),
})
export const practiceChange = newPractice
  .omit({ recordsName: true })
  .partial()
  .extend({ secretSignIn: z.boolean().optional() })

/** Refuses `conflict` when another practice has that name at the records API. */
export async function createPractice(
  needs: Pick<Needs, 'db'>,
  fields: z.output<typeof newPractice>,
  head: EventHead,
): Promise<Practice> {
  const practice: Practice = { id: mintId('practice'), createdAt: head.at, ...fields }
  await refuseDuplicate('conflict', () =>
    needs.db.transaction(async (tx) => {
      await insertPractice(tx, practice)
      await record(tx, { ...head, kind: 'practice.saved', practice: practice.id, change: 'created' })
    }),
  )
  return practice
}

/** Refuses `not_found`. The name at the records API never changes: whom a record belongs to hangs from it. */
export async function updatePractice(
  needs: Pick<Needs, 'db'>,
  id: PracticeId,
  change: z.output<typeof practiceChange>,
  head: EventHead,
): Promise<Practice> {
  return needs.db.transaction(async (tx) => {
    const practice = await updatePracticeRow(tx, id, change)
    if (!practice) throw new Refusal('not_found', { practice: id })
    await record(tx, {
      ...head,
      kind: 'practice.saved',
      practice: id,
      change: Object.keys(change).join(' '),
    })
    return practice
  })
}

export const findPractice = (needs: Pick<Needs, 'db'>, id: PracticeId): Promise<Practice | undefined> =>
  findPracticeRow(needs.db, id)

/** By name. */
export const listPractices = (needs: Pick<Needs, 'db'>): Promise<Practice[]> => listPracticeRows(needs.db)
