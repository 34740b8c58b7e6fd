/** The way from the authorization server to the gateway beside it: the same pipeline, without a socket in between. */

import { text } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { RequestView } from '../gateway/request-view.ts'
import type { Records, RecordsQuestion } from '../resources/records.ts'

type Handles = Pick<Gateway, 'handle'>

export interface RecordsDoor extends Records {
  /** Which gateway answers from now on; asked for when it is needed. */
  open(gateway: () => Handles | Promise<Handles>): void
}

export function recordsDoor(): RecordsDoor {
  let beside: (() => Handles | Promise<Handles>) | undefined
  return {
    open: (gateway) => void (beside = gateway),
    async ask(question) {
      if (!beside) throw new Refusal('state_unavailable', { fault: 'no gateway' })
      const gateway = await beside()
      const outcome = await gateway.handle(viewOf(question))
      // A FHIR answer is inspected, and so it is whole.
      if (outcome.kind !== 'answer') throw new Error('a passage is not an answer')
      const { status, body } = outcome
      return { status, document: parsed(typeof body === 'string' ? body : text(body)) }
    },
  }
}

const viewOf = ({ target, accessToken, remote, forwardedFor }: RecordsQuestion): RequestView => ({
  method: 'GET',
  target,
  headers: [
    'authorization',
    `Bearer ${accessToken}`,
    'accept',
    'application/fhir+json',
    ...(forwardedFor === undefined ? [] : ['x-forwarded-for', forwardedFor]),
  ],
  remote,
  body: async () => new Uint8Array(),
  distrust: () => {},
})

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
