/** People who sign in to care. Disabling one ends every session at once; nothing is deleted. */

import { z } from 'zod'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type PractitionerId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { refuseDuplicate } from '../db/unique.ts'
import type { Services } from '../services.ts'
import { stopPractitioner } from './stop.ts'
import { emailShape, nameShape, recordsIdShape, rppsShape } from './identifiers.ts'
import type { Needs } from './needs.ts'
import {
  findPractitionerRow,
  insertPractitioner,
  listPractitionerRows,
  updatePractitionerRow,
} from './practitioner-store.ts'
import { endAllSessions } from './session.ts'

export interface Practitioner {
  id: PractitionerId
  givenName: string
  familyName: string
  email: string
  rpps?: string
  /** How the records APIs name them (Practitioner id). */
  recordsName?: string
  language: 'fr' | 'en'
  createdAt: Seconds
  disabledAt?: Seconds
}

export const newPractitioner = z.strictObject({
  givenName: nameShape,
  familyName: nameShape,
  email: emailShape,
  rpps: rppsShape.optional(),
  recordsName: recordsIdShape.optional(),
  language: z.enum(['fr', 'en']).default('fr'),
})
export const practitionerChange = newPractitioner
  .partial()
  .extend({ language: z.enum(['fr', 'en']).optional() })

/** Refuses `conflict` when the address or the RPPS is somebody's. */
export async function createPractitioner(
  needs: Pick<Needs, 'db'>,
  fields: z.output<typeof newPractitioner>,
  head: EventHead,
): Promise<Practitioner> {
  const practitioner: Practitioner = { id: mintId('practitioner'), createdAt: head.at, ...fields }
  await refuseDuplicate('conflict', () =>
    needs.db.transaction(async (tx) => {
      await insertPractitioner(tx, practitioner)
      await record(tx, {
        ...head,
        kind: 'practitioner.saved',
        practitioner: practitioner.id,
        change: 'created',
      })
    }),
  )
  return practitioner
}

/** Refuses `not_found`, or `conflict` as for a new one. */
export async function updatePractitioner(
  needs: Pick<Needs, 'db'>,
  id: PractitionerId,
  change: z.output<typeof practitionerChange>,
  head: EventHead,
): Promise<Practitioner> {
  return save(needs, id, change, Object.keys(change).join(' '), head)
}

/** Nothing of theirs works any more: sessions end here, sign-in and refresh look at the row, the journal stops tokens. */
export async function disablePractitioner(
  services: Services,
  id: PractitionerId,
  head: EventHead,
): Promise<Practitioner> {
  const disabled = await services.db.transaction(async (tx) => {
    const practitioner = await save({ db: tx }, id, { disabledAt: head.at }, 'disabled', head)
    await endAllSessions({ db: tx }, { kind: 'practitioner', id }, 'operator', head)
    return practitioner
  })
  await stopPractitioner(services, id, head)
  return disabled
}

export async function enablePractitioner(
  needs: Pick<Needs, 'db'>,
  id: PractitionerId,
  head: EventHead,
): Promise<Practitioner> {
  return save(needs, id, { disabledAt: null }, 'enabled', head)
}

export const findPractitioner = (
  needs: Pick<Needs, 'db'>,
  id: PractitionerId,
): Promise<Practitioner | undefined> => findPractitionerRow(needs.db, id)

/** By family name. */
export const listPractitioners = (needs: Pick<Needs, 'db'>): Promise<Practitioner[]> =>
  listPractitionerRows(needs.db)

function save(
  needs: Pick<Needs, 'db'>,
  id: PractitionerId,
  change: Parameters<typeof updatePractitionerRow>[2],
  name: string,
  head: EventHead,
): Promise<Practitioner> {
  return refuseDuplicate('conflict', () =>
    needs.db.transaction(async (tx) => {
      const practitioner = await updatePractitionerRow(tx, id, change)
      if (!practitioner) throw new Refusal('not_found', { practitioner: id })
      await record(tx, { ...head, kind: 'practitioner.saved', practitioner: id, change: name })
      return practitioner
    }),
  )
}
