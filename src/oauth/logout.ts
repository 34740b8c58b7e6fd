/**
 * GET and POST /oauth/logout: OpenID Connect RP-Initiated Logout 1.0. An ID token of ours says which session is meant;
 * without one, or where it names another session than the browser's, the person is asked.
 */

import type { Context } from 'hono'
import { findClient } from '../clients/store.ts'
import { parseId } from '../core/ids.ts'
import { languageAmong, type Language } from '../core/language.ts'
import { Refusal } from '../core/refusal.ts'
import { signOut } from '../people/disown.ts'
import { clearSessionCookie } from '../people/session-cookie.ts'
import type { Session } from '../people/session.ts'
import type { Services } from '../services.ts'
import { eventHead } from '../web.ts'
import type { OauthEnv } from './accepted.ts'
import { fieldsOf, type Fields } from './fields.ts'
import { handOver } from './hand-over.ts'
import { readHint, type Hint } from './id-token-hint.ts'
import { signedOutPage, signOutPage } from './pages.ts'

export const logout =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const hint = await hintOf(services, fields)
    const next = await provenNext(services, fields, hint)
    const session = c.get('named')
    if (session && session.id !== hint?.session.id)
      return c.html(signOutPage(languageOf(c, fields), carried(fields)))
    return leave(services, c, fields, hint?.session, next)
  }

/** The person has confirmed, on our own page. */
export const logoutConfirmed =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const next = await provenNext(services, fields, await hintOf(services, fields))
    return leave(services, c, fields, c.get('named'), next)
  }

async function leave(
  services: Services,
  c: Context<OauthEnv>,
  fields: Fields,
  session: Pick<Session, 'id' | 'holder'> | undefined,
  next: string | undefined,
): Promise<Response> {
  if (session) {
    await signOut(services, session, eventHead(c.get('context'), session.holder))
    if (c.get('named')?.id === session.id) clearSessionCookie(c)
  }
  if (next === undefined) return c.html(signedOutPage(languageOf(c, fields)))
  const { body, status, headers } = await handOver(c, next)
  return c.newResponse(body, status, headers)
}

/** What the confirmation must know again. */
const carried = (fields: Fields): Record<string, string> =>
  Object.fromEntries(
    ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'ui_locales'].flatMap((name) =>
      fields[name] === undefined ? [] : [[name, fields[name]]],
    ),
  )

/** §2 `ui_locales`; otherwise what the browser asked for. */
const languageOf = (c: Context<OauthEnv>, { ui_locales: asked = '' }: Fields): Language =>
  languageAmong(asked) ?? c.get('context').language

/** §2: only to an address that is registered, exactly. Refuses `redirect_uri_mismatch`, `client_unknown`. */
async function provenNext(
  { db }: Services,
  fields: Fields,
  hint: Hint | undefined,
): Promise<string | undefined> {
  const { post_logout_redirect_uri: uri, client_id: named, state } = fields
  if (uri === undefined) return undefined
  const client = await findClient(db, hint?.client ?? parseId('client', named))
  if (!client) throw new Refusal('client_unknown')
  if (!client.postLogoutRedirectUris.includes(uri)) throw new Refusal('redirect_uri_mismatch')
  if (state === undefined) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`
}

/** §2: where both are there they name one client, whether or not anybody is sent on. Refuses `client_unknown`. */
async function hintOf(services: Services, fields: Fields): Promise<Hint | undefined> {
  const hint = await readHint(services, fields['id_token_hint'])
  if (hint && fields['client_id'] && fields['client_id'] !== hint.client)
    throw new Refusal('client_unknown', { fault: 'client_id is not of the hint' })
  return hint
}
