/** Leaving for an application: 303, or from our own pages a page that moves on by itself (`pages.ts` says why). */

import type { Context } from 'hono'
import { paths, type OauthEnv } from './accepted.ts'
import { handOverPage } from './pages.ts'

export interface PlainAnswer {
  body: string | null
  status: 200 | 303 | 400 | 401 | 413 | 415 | 429 | 503
  headers: Record<string, string>
}

/** Paths that a form of ours posts to, or that follow one. */
const ownPages: Partial<Record<string, 'signedIn' | 'signedOut'>> = {
  [paths.resume]: 'signedIn',
  [paths.logoutConfirmed]: 'signedOut',
}

export async function handOver(c: Context<OauthEnv>, address: string): Promise<PlainAnswer> {
  const page = (c.req.header('accept') ?? '').includes('text/html') && ownPages[c.req.path]
  if (!page) return { body: null, status: 303, headers: { Location: address } }
  return {
    body: String(await handOverPage(c.get('context').language, page, address)),
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      Refresh: `0; url=${address}`,
      'Referrer-Policy': 'no-referrer',
    },
  }
}

/** Answers instead of the refusal that `app.ts` has drawn; cookies that were set stay. */
export function answerInstead(c: Context<OauthEnv>, { body, status, headers }: PlainAnswer): void {
  const answer = new Response(body, { status, headers })
  for (const cookie of c.res.headers.getSetCookie()) answer.headers.append('Set-Cookie', cookie)
  // Hono copies the old answer's headers into the new one unless there is no old one.
  c.res = undefined
  c.res = answer
}
