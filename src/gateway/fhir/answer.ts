/** What a FHIR interaction is asked with, and what it answers. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import type { FhirUpstream } from '../routes.ts'
import type { Reply } from './exchange.ts'
import { routeOf, type Interaction } from './interaction.ts'
import { bareOutcome } from './outcome.ts'
import type { JsonObject } from './references.ts'

export interface Asked {
  interaction: Exclude<Interaction, { kind: 'batch' }>
  /** Of a create or update. */
  body?: unknown
  ifMatch?: string
  ifNoneExist?: string
  prefer?: string
}

/** What goes to the caller: parsed, checked, to be written out again. */
export interface FhirAnswer {
  status: number
  document?: JsonObject
  etag?: string
  lastModified?: string
  location?: string
}

/** A patient nobody knows looks like one of another practice: which ids exist elsewhere is nobody's business. */
export async function notServed(
  call: Call,
  upstream: FhirUpstream,
  interaction: Interaction,
  reply: Reply,
): Promise<FhirAnswer> {
  const { status } = reply
  if (status < 400) throw new Refusal('answer_uninspectable', { status })
  if (interaction.kind === 'read' && interaction.type === 'Patient')
    throw new Refusal('patient_unresolved', { patient: call.pseudonym(`Patient/${interaction.id}`) })
  const document = reply.document === undefined ? undefined : bareOutcome(reply.document)
  await call.append([{ kind: 'access.answered', status }], [], routeOf(interaction))
  return { status, ...(document && { document }) }
}

export const withVersion = ({ etag, lastModified }: Reply, answer: FhirAnswer): FhirAnswer => ({
  ...answer,
  ...(etag !== undefined && { etag }),
  ...(lastModified !== undefined && { lastModified }),
})
