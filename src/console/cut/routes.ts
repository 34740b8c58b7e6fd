/** GET and POST /console/cut: choose, look at who is touched, cut. Tightening asks for no fresh passkey. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { listClients } from '../../clients/store.ts'
import { parseId } from '../../core/ids.ts'
import { parse } from '../../core/parse.ts'
import { Refusal } from '../../core/refusal.ts'
import { hours, type Seconds } from '../../core/time.ts'
import { findNames, searchPractitioners } from '../../people/directory-store.ts'
import { listPractices } from '../../people/practices.ts'
import { listSessions } from '../../people/session.ts'
import { requireOperator } from '../../people/session-cookie.ts'
import { impactOf, touchedHolders } from '../../restrictions/impact-store.ts'
import type { Selector } from '../../restrictions/restriction.ts'
import { restrict } from '../../restrictions/store.ts'
import type { Services } from '../../services.ts'
import { readForm } from '../../ui/body.ts'
import { deviceName } from '../../ui/device-name.ts'
import type { Env } from '../../web.ts'
import { answerOf, keepAnswer } from '../answer-cookie.ts'
import { deskAuthor, deskFrame, deskHead } from '../desk-routes.ts'
import { nameOf } from '../pages.ts'
import { consoleTexts } from '../texts.ts'
import {
  choosePage,
  cutPage,
  mustBeUnderstood,
  scopes,
  shownPeople,
  type CutForm,
  type Touched,
} from './pages.ts'

const scopeShape = z.enum(scopes)
type Scope = z.output<typeof scopeShape>

const cutShape = z.object({
  scope: scopeShape,
  target: z.string().max(100).default(''),
  effect: z.enum(['deny', 'read-only']),
  endsSessions: z.literal('yes').optional(),
  reason: z.string().max(500).default(''),
  expiry: z.enum(['1', '4', '24', '168', 'never']),
  understood: z.literal('yes').optional(),
})
type Sent = z.output<typeof cutShape>

export function addCutRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/cut', async (c) => {
    const scope = c.req.query('scope')
    if (scope === undefined) return c.html(await choose(services, c))
    const target = c.req.query('target') ?? ''
    return c.html(await look(services, c, parse(scopeShape, scope), target))
  })

  routes.post('/console/cut', async (c) => {
    const startedMs = services.clock.monotonicMs()
    const sent = await readForm(c, cutShape)
    const selector = selectorOf(sent.scope, sent.target)
    const touched = await touchedBy(services, c, selector)
    const problems = {
      reason: sent.reason.trim() === '',
      understood: mustBeUnderstood(touched) && sent.understood === undefined,
    }
    if (problems.reason || problems.understood)
      return c.html(
        await look(services, c, sent.scope, sent.target, { sent: sentBefore(sent), problems }),
        400,
      )
    const { restriction, ...applied } = await restrict(
      services,
      deskAuthor(c),
      actOf(services, selector, sent),
      deskHead(c),
    )
    const answer = answerOf('cut', restriction.sequence, applied, services.clock.monotonicMs() - startedMs)
    keepAnswer(c, restriction.id, answer)
    return c.redirect(`/console/restrictions/${restriction.id}`, 303)
  })
}

/** One row per scope: how its target becomes a selector. Refuses `malformed_id`. */
const selectorOf = (scope: Scope, target: string): Selector => selectors[scope](target)
const selectors: Record<Scope, (target: string) => Selector> = {
  practitioner: (target) => ({ practitioner: parseId('practitioner', target) }),
  practice: (target) => ({ practice: parseId('practice', target) }),
  client: (target) => ({ client: parseId('client', target) }),
  session: (target) => ({ session: parseId('session', target) }),
  everything: () => ({ everything: true }),
}

const actOf = (services: Services, selector: Selector, { effect, endsSessions, reason, expiry }: Sent) => ({
  selector,
  effect: { kind: effect },
  endsSessions: endsSessions === 'yes',
  reason: reason.trim(),
  ...(expiry !== 'never' && { expiresAt: expiryAt(services, expiry) }),
})

const expiryAt = (services: Services, expiry: string): Seconds => services.clock.now() + hours(Number(expiry))

const sentBefore = ({ effect, endsSessions, reason, expiry }: Sent): CutForm['sent'] => ({
  effect,
  reason,
  expiry,
  endsSessions: endsSessions === 'yes',
})

async function touchedBy(services: Services, c: Context<Env>, selector: Selector): Promise<Touched> {
  const now = services.clock.now()
  const own = requireOperator(c)
  const { people, sessions } = await impactOf(services.db, selector, now)
  const holders = await touchedHolders(services.db, selector, now, shownPeople)
  const names = nameOf(
    await findNames(
      services.db,
      holders.map(({ id }) => id),
    ),
  )
  return {
    people: holders.map(({ id }) => names(id)),
    peopleCount: people,
    sessions,
    // Only a session can be an operator's here: everything else never reaches operators.
    youToo: 'session' in selector && selector.session === own.id,
  }
}

/** Refuses `not_found` for a target nobody has. */
async function look(
  services: Services,
  c: Context<Env>,
  scope: Scope,
  target: string,
  again: Pick<CutForm, 'sent' | 'problems'> = {},
) {
  const selector = selectorOf(scope, target)
  const frame = await deskFrame(services, c, [target])
  if (scope !== 'everything' && !frame.names.has(target)) throw new Refusal('not_found', { scope })
  return cutPage(frame, {
    scope,
    target,
    selector,
    touched: await touchedBy(services, c, selector),
    ...again,
  })
}

async function choose(services: Services, c: Context<Env>) {
  const query = (c.req.query('q') ?? '').trim().slice(0, 80)
  const practices = (await listPractices(services)).map(({ id }) => id)
  const clients = (await listClients(services.db)).flatMap(({ id, disabledAt }) => (disabledAt ? [] : [id]))
  const sessions = await listSessions(services)
  const found = query === '' ? [] : await searchPractitioners(services.db, query)
  const holders = sessions.map(({ holder }) => holder.id)
  const frame = await deskFrame(services, c, [...practices, ...clients, ...holders, ...found])
  const { unknownDevice } = consoleTexts[frame.language]
  return choosePage(frame, {
    practices,
    clients,
    sessions: sessions.map(({ id, holder, userAgent, network }) => ({
      id,
      label: [nameOf(frame.names)(holder.id), deviceName(userAgent) ?? unknownDevice, network].join(' · '),
    })),
    ...(query !== '' && { search: { query, found } }),
  })
}
