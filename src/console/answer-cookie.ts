/**
 * The answer of an act, for the page the browser is sent to: read once, two minutes at most. It shows an operator what
 * his own browser was told; nothing is decided from it.
 */

import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { base64url, fromBase64url, text, utf8 } from '../core/bytes.ts'
import type { RestrictionId } from '../core/ids.ts'
import type { Applied } from '../restrictions/store.ts'
import type { Env } from '../web.ts'
import type { Answer } from './restriction/pages.ts'

const name = 'garde-answer'
const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

const shape = z.object({
  restriction: z.string(),
  act: z.enum(['cut', 'lift']),
  sequence: z.number(),
  appliedOn: z.array(z.object({ point: z.string(), at: z.number() })),
  pending: z.array(z.string()),
  measuredMs: z.number(),
})

export function keepAnswer(c: Context<Env>, restriction: RestrictionId, answer: Answer): void {
  setCookie(c, name, base64url(utf8(JSON.stringify({ restriction, ...answer }))), {
    ...attributes,
    maxAge: 120,
  })
}

export function takeAnswer(c: Context<Env>, restriction: RestrictionId): Answer | undefined {
  const sent = getCookie(c, name, 'host')
  if (sent === undefined) return undefined
  deleteCookie(c, name, attributes)
  const answer = shape.safeParse(parseCookie(sent)).data
  return answer?.restriction === restriction ? answer : undefined
}

function parseCookie(value: string): unknown {
  try {
    return JSON.parse(text(fromBase64url(value)))
  } catch {
    // Not ours: as if there were none.
    return undefined
  }
}

export const answerOf = (
  act: Answer['act'],
  sequence: number,
  { appliedOn, pending }: Applied,
  measuredMs: number,
): Answer => ({ act, sequence, appliedOn, pending, measuredMs: Math.max(1, Math.round(measuredMs)) })
