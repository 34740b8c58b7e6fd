/** /account/*: a person's own passkeys, sessions, applications and notices. Forms post and are sent back here. */

import { Hono, type Context } from 'hono'
import { z } from 'zod'
import { parseId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { listConsents } from '../grants/consent-store.ts'
import { listGrants } from '../grants/store.ts'
import { requireSameOrigin } from '../people/csrf.ts'
import { findHolder } from '../people/holder.ts'
import { listNotices, markNoticesRead } from '../people/notice-store.ts'
import {
  addOptions,
  addPasskey,
  listPasskeys,
  mayChangePasskeys,
  removePasskey,
  renamePasskey,
} from '../people/own-passkeys.ts'
import { offerOwnCode, ownSecretState, removeOwnSecret, setOwnSecret } from '../people/own-secret.ts'
import type { Passkey } from '../people/passkey.ts'
import { reopenOffer } from '../people/secret.ts'
import { listSessions, type Session } from '../people/session.ts'
import { browserHash, requireSession, requireSessionToEnd } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import { readForm, readJson } from '../ui/body.ts'
import { signInFirst } from '../ui/sign-in-first.ts'
import { eventHead, type Env } from '../web.ts'
import { applicationsOf, type ApplicationRow } from './applications.ts'
import { endOtherSessions, endOwnSession, forgetApplication, reportNotMe } from './acts.ts'
import {
  accountPage,
  isDone,
  removePasskeyPage,
  secretPage,
  type Account,
  type AccountFrame,
  type Done,
  type PasskeyRow,
} from './pages.ts'

const labelForm = z.object({ label: z.string().trim().min(1).max(60) })
const secretForm = z.object({
  secret: z.string().max(400),
  code: z.string().max(20),
  sealed: z.string().max(400),
})
const passkeyBody = z.object({ answer: z.unknown() })

export function accountRoutes(services: Services): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use('/account/*', requireSameOrigin(services))
  // Before the others: who is denied may not look at the account, and may still close what is open.
  addClosingRoutes(routes, services)
  routes.use('/account/*', signInFirst)
  addPasskeyRoutes(routes, services)
  addEndingRoutes(routes, services)
  addSecretRoutes(routes, services)

  routes.get('/account', async (c) => {
    const session = requireSession(c)
    const done = c.req.query('done')
    const shown = await accountOf(services, session)
    return c.html(
      accountPage(await frameOf(services, c, session), { ...shown, ...(isDone(done) && { done }) }),
    )
  })

  routes.post('/account/notices/seen', async (c) => {
    await markNoticesRead(services.db, requireSession(c).holder, c.get('context').at)
    return back(c, 'all-seen')
  })
  return routes
}

function addPasskeyRoutes(routes: Hono<Env>, services: Services): void {
  routes.post('/account/passkeys/options', async (c) =>
    c.json(await addOptions(services, requireSession(c), browserHash(services, c))),
  )

  routes.post('/account/passkeys', async (c) => {
    const session = requireSession(c)
    const { answer } = await readJson(c, passkeyBody)
    const { userAgent } = c.get('context')
    await addPasskey(services, session, browserHash(services, c), answer, userAgent, headOf(c, session))
    return c.json({ continue: address('passkey-added') })
  })

  routes.post('/account/passkeys/:id/rename', async (c) => {
    const { label } = await readForm(c, labelForm)
    const session = requireSession(c)
    const id = parseId('credential', c.req.param('id'))
    await renamePasskey(services, session.holder, id, label, headOf(c, session))
    return back(c, 'passkey-renamed')
  })

  routes.get('/account/passkeys/:id/remove', async (c) => {
    const session = requireSession(c)
    const passkeys = await listPasskeys(services, session.holder)
    const passkey = passkeys.find(({ id }) => id === c.req.param('id'))
    if (!passkey) throw new Refusal('not_found', {})
    const fresh = mayChangePasskeys(session, passkeys.length, c.get('context').at)
    return c.html(removePasskeyPage(await frameOf(services, c, session), passkeyRow(passkey), fresh))
  })

  routes.post('/account/passkeys/:id/remove', async (c) => {
    const session = requireSession(c)
    await removePasskey(services, session, parseId('credential', c.req.param('id')), headOf(c, session))
    return back(c, 'passkey-removed')
  })
}

function addSecretRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/account/secret', async (c) => {
    const session = requireSession(c)
    const passkeys = await listPasskeys(services, session.holder)
    if (!mayChangePasskeys(session, passkeys.length, c.get('context').at))
      return c.redirect(`/signin/confirm?continue=${encodeURIComponent('/account/secret')}`, 303)
    const offer = await offerOwnCode(services, session)
    return c.html(secretPage(await frameOf(services, c, session), await emailOf(services, session), offer))
  })

  routes.post('/account/secret', async (c) => {
    const session = requireSession(c)
    const body = await readForm(c, secretForm)
    const email = await emailOf(services, session)
    const { address: _gone, ...frame } = await frameOf(services, c, session)
    const offer = await reopenOffer(services, email, session.id, body.sealed)
    c.set('drawRefusal', (row) => secretPage(frame, email, offer, row[frame.language]))
    const sent = { ...body, code: body.code.replaceAll(/\s/g, '') }
    await setOwnSecret(services, session, sent, headOf(c, session))
    return back(c, 'secret-saved')
  })

  routes.post('/account/secret/remove', async (c) => {
    const session = requireSession(c)
    await removeOwnSecret(services, session, headOf(c, session))
    return back(c, 'secret-removed')
  })
}

const emailOf = async (services: Services, session: Session): Promise<string> =>
  (await findHolder(services, session.holder))?.email ?? ''

function addClosingRoutes(routes: Hono<Env>, services: Services): void {
  routes.post('/account/sessions/end-others', async (c) => {
    const session = requireSessionToEnd(c)
    await endOtherSessions(services, session, headOf(c, session))
    return back(c, 'others-ended')
  })

  routes.post('/account/sessions/:id/end', async (c) => {
    const session = requireSessionToEnd(c)
    await endOwnSession(services, session, parseId('session', c.req.param('id')), headOf(c, session))
    return back(c, 'session-ended')
  })
}

function addEndingRoutes(routes: Hono<Env>, services: Services): void {
  routes.post('/account/applications/:client/forget', async (c) => {
    const session = requireSession(c)
    await forgetApplication(services, session, parseId('client', c.req.param('client')), headOf(c, session))
    return back(c, 'application-forgotten')
  })

  routes.post('/account/not-me', async (c) => {
    const session = requireSession(c)
    await reportNotMe(services, session, headOf(c, session))
    return back(c, 'not-me')
  })
}

const headOf = (c: Context<Env>, session: Session) => eventHead(c.get('context'), session.holder)
const address = (done: Done): string => `/account?done=${done}`
const back = (c: Context<Env>, done: Done): Response => c.redirect(address(done), 303)

async function frameOf(services: Services, c: Context<Env>, session: Session): Promise<AccountFrame> {
  const { language, address: here, at } = c.get('context')
  const person = (await findHolder(services, session.holder))?.name ?? session.holder.id
  return { language, address: here, now: at, person, operator: session.holder.kind === 'operator' }
}

const passkeyRow = ({ id, label, createdAt, lastUsedAt, backedUp }: Passkey): PasskeyRow => ({
  id,
  label,
  addedAt: createdAt,
  synced: backedUp,
  ...(lastUsedAt !== undefined && { lastUsedAt }),
})

async function accountOf(services: Services, session: Session): Promise<Account> {
  const { holder } = session
  const now = services.clock.now()
  const passkeys = await listPasskeys(services, holder)
  const sessions = await listSessions(services, holder)
  const notices = await listNotices(services.db, holder)
  const secret = await ownSecretState(services, holder)
  const applications = await applicationsFor(services, session, sessions)
  return {
    passkeys: passkeys.map(passkeyRow),
    sessions: sessions
      .map((one) => ({ ...one, current: one.id === session.id }))
      .toSorted((a, b) => Number(b.current) - Number(a.current)),
    notices,
    fresh: mayChangePasskeys(session, passkeys.length, now),
    ...(secret && { secret }),
    ...(applications && { applications }),
  }
}

/** A grant whose session a restriction has cut stands no more, though no row says so. */
async function applicationsFor(
  services: Services,
  { holder }: Session,
  sessions: Session[],
): Promise<ApplicationRow[] | undefined> {
  if (holder.kind !== 'practitioner') return undefined
  const live = new Set(sessions.map(({ id }) => id))
  const grants = await listGrants(services.db, holder.id, services.clock.now())
  return applicationsOf(
    grants.filter(({ session }) => live.has(session)),
    await listConsents(services.db, holder.id),
  )
}
