/** /signin/enrol…: the invitation. Its token waits in a cookie of its own until a credential takes it. */

import type { Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import type { Holder } from '../audit/event.ts'
import type { PractitionerId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { requireEnrolment } from '../people/enrolment.ts'
import { isSecretOff, offerCode, reopenOffer } from '../people/secret.ts'
import type { Proof } from '../people/session.ts'
import { browserHash, deviceCookie, openHere, rememberWay } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import { eventHead, type Env } from '../web.ts'
import { enrolOptions, enrolPasskey, enrolSecret } from './enrol.ts'
import { homeOf } from './flow.ts'
import { readForm, readJson, setCookies, slow } from './form-routes.ts'
import { land } from './landing.ts'
import { enrolPage, linkPage, secretPage } from './pages.ts'
import { doneAddress } from './sign-in-routes.ts'

const cookie = 'garde-enrol'
const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

const linkBody = z.object({ link: z.string().max(400) })
const secretBody = z.object({
  secret: z.string().max(400),
  code: z.string().max(20),
  sealed: z.string().max(400),
})

export function addEnrolRoutes(routes: Hono<Env>, services: Services): void {
  /** Refuses as `requireEnrolment`. */
  const open = (c: Context<Env>) => {
    const token = getCookie(c, cookie, 'host')
    if (token === undefined) throw new Refusal('enrolment_unknown')
    return requireEnrolment(services, token)
  }

  const arrive = async (c: Context<Env>, holder: Holder, proof: Proof): Promise<string> => {
    deleteCookie(c, cookie, attributes)
    c.set('actor', holder)
    const arrival = { ...proof, holder, deviceCookie: deviceCookie(c), sharedDesk: false }
    setCookies(c, await land(services, c.get('context'), openHere(c), arrival))
    return homeOf(holder)
  }

  routes.get('/signin/enrol', async (c) => {
    const { language } = c.get('context')
    if (getCookie(c, cookie, 'host') === undefined) return c.html(linkPage({ language }))
    // A link that died meanwhile must not stand in the way of a new one.
    c.set('drawRefusal', (row) => {
      deleteCookie(c, cookie, attributes)
      return linkPage({ language, problem: row[language] })
    })
    const { holder, purpose, card } = await open(c)
    const secretOff =
      holder.kind === 'operator' || (await isSecretOff(services, holder.id, services.clock.now()))
    return c.html(enrolPage({ language, purpose, name: card.name, secretOff }))
  })

  routes.post('/signin/enrol', async (c) => {
    const { language } = c.get('context')
    c.set('drawRefusal', (row) => linkPage({ language, problem: row[language] }))
    await slow(services, c, 'enrolment-source')
    const { link } = await readForm(c, linkBody)
    const token = link.trim().split('#').at(-1) ?? ''
    await requireEnrolment(services, token)
    setCookie(c, cookie, token, { ...attributes, maxAge: 3600 })
    return c.redirect('/signin/enrol', 303)
  })

  routes.post('/signin/enrol/options', async (c) => {
    await slow(services, c, 'enrolment-source')
    const fields = await readJson(c, z.looseObject({}))
    return c.json(await enrolOptions(services, await open(c), browserHash(services, c), fields))
  })

  routes.post('/signin/enrol/passkey', async (c) => {
    await slow(services, c, 'enrolment-source')
    const context = c.get('context')
    const fields = await readJson(c, z.looseObject({ answer: z.unknown() }))
    const enrolment = await open(c)
    const browser = { hash: browserHash(services, c), userAgent: context.userAgent }
    const head = eventHead(context, enrolment.holder)
    const proof = await enrolPasskey(services, enrolment, browser, fields, head)
    return c.json({ continue: await arrive(c, enrolment.holder, proof) })
  })

  routes.get('/signin/enrol/secret', async (c) => {
    const enrolment = requirePractitioner(await open(c))
    const { email } = enrolment.card
    if (await isSecretOff(services, enrolment.holder.id, services.clock.now()))
      throw new Refusal('secret_sign_in_off', { practitioner: enrolment.holder.id })
    const offer = await offerCode(services, email, enrolment.linkHash)
    return c.html(secretPage({ language: c.get('context').language, offer, email }))
  })

  routes.post('/signin/enrol/secret', async (c) => {
    const context = c.get('context')
    await slow(services, c, 'enrolment-source')
    const body = await readForm(c, secretBody)
    const enrolment = requirePractitioner(await open(c))
    const { email } = enrolment.card
    const offer = await reopenOffer(services, email, enrolment.linkHash, body.sealed)
    const { language } = context
    c.set('drawRefusal', (row) => secretPage({ language, offer, email, problem: row[language] }))
    const head = eventHead(context, enrolment.holder)
    const form = { ...body, code: body.code.replaceAll(/\s/g, '') }
    const proof = await enrolSecret(services, enrolment, form, head)
    rememberWay(c, 'secret')
    return c.redirect(doneAddress(await arrive(c, enrolment.holder, proof)), 303)
  })
}

type Open = Awaited<ReturnType<typeof requireEnrolment>>

/** Operators have passkeys only: there is no lesser way to the kill switch. Refuses `secret_sign_in_off`. */
function requirePractitioner(open: Open): Open & { holder: { kind: 'practitioner'; id: PractitionerId } } {
  if (open.holder.kind !== 'practitioner')
    throw new Refusal('secret_sign_in_off', { operator: open.holder.id })
  return { ...open, holder: open.holder }
}
