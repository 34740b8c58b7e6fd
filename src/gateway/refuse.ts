/**
 * How the gateway says no: problem+json (RFC 9457), an OperationOutcome where the caller speaks FHIR; challenges of RFC
 * 6750, 9470 and 9728 where a token would help. The reason itself never goes out, only its row's public text.
 */

import type { RequestId } from '../core/ids.ts'
import type { Language } from '../core/language.ts'
import { refusalRow, type Refusal, type RefusalRow } from '../core/refusal.ts'
import type { SignInDemand } from '../resources/resource.ts'
import { challengesTo } from '../tokens/dpop.ts'
import { answerSafeguards } from './headers.ts'
import { metadataPath } from './published.ts'
import type { Upstream } from './routes.ts'

/** A whole answer; header names in lower case. */
export interface Answer {
  kind: 'answer'
  status: number
  headers: string[]
  body: Uint8Array | string
  /** The connection cannot be trusted to be in step any more. */
  close?: true
}

export interface Asking {
  issuer: string
  id: RequestId
  language: Language
  upstream: Upstream | undefined
  /** The header as it came: an answer challenges in the scheme that was tried. */
  authorization: string | undefined
  /** For the next proof (RFC 9449 §9). */
  nonce: () => string
}

export function refuse(refusal: Refusal, asking: Asking): Answer {
  const row = refusalRow(refusal.reason)
  const text = messageOf(refusal, row, asking.language)
  const fhir = asking.upstream?.kind === 'fhir'
  const document = fhir ? outcome(row, text, asking.id) : problem(row, text, asking)
  return {
    kind: 'answer',
    status: row.status,
    headers: [
      ...answerSafeguards,
      'content-type',
      fhir ? 'application/fhir+json; charset=utf-8' : 'application/problem+json',
      'content-language',
      asking.language,
      'x-request-id',
      asking.id,
      ...challenge(refusal, row, asking),
    ],
    body: JSON.stringify(document),
    ...(refusal.reason === 'ambiguous_framing' && { close: true as const }),
  }
}

/** What the restriction says to whom it stops, in their language; the row's public text otherwise. */
function messageOf({ detail }: Refusal, row: RefusalRow, language: Language): string {
  const message = detail['message'] as Partial<Record<Language, string>> | undefined
  return message?.[language] ?? row[language]
}

const outcome = (row: RefusalRow, text: string, id: RequestId) => ({
  resourceType: 'OperationOutcome',
  id,
  issue: [{ severity: 'error', code: row.fhir, details: { text } }],
})

const problem = (row: RefusalRow, text: string, { id, language }: Asking) => ({
  type: 'about:blank',
  title: row[language],
  status: row.status,
  ...(text !== row[language] && { detail: text }),
  request: id,
})

function challenge({ reason, detail }: Refusal, row: RefusalRow, asking: Asking): string[] {
  if (row.status === 503 || row.status === 429)
    return ['retry-after', String(Number(detail['retryAfterSeconds'] ?? 5))]
  if (typeof detail['allow'] === 'string') return ['allow', detail['allow']]
  if (!asking.upstream || (row.status !== 401 && reason !== 'insufficient_scope')) return []
  const parts = [`resource_metadata="${asking.issuer}${metadataPath(asking.upstream.base)}"`]
  if (row.oauth) parts.push(`error="${row.oauth}"`)
  if (reason === 'insufficient_scope' && typeof detail['scope'] === 'string')
    parts.push(`scope="${detail['scope']}"`)
  if (reason === 'step_up_required') parts.push(...stepUpWords(detail['signIn'] as SignInDemand | undefined))
  const challenges = challengesTo(asking.authorization, parts.join(', '))
  return [
    ...challenges.flatMap((each) => ['www-authenticate', each]),
    ...(challenges.some((each) => each.startsWith('DPoP ')) ? ['dpop-nonce', asking.nonce()] : []),
  ]
}

/** RFC 9470 §3. A restriction demands no less than a passkey, now: whoever holds only a secret and a code proves more. */
function stepUpWords({ acr, maxAge }: SignInDemand = { acr: 'garde:passkey', maxAge: 0 }): string[] {
  return [
    ...(acr === undefined ? [] : [`acr_values="${acr}"`]),
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
  ]
}
