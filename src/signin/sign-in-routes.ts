/** GET and POST /signin…: passkey, secret and code, out. */

import type { Hono } from 'hono'
import { z } from 'zod'
import { signOut } from '../people/disown.ts'
import { emailShape } from '../people/identifiers.ts'
import { assertionOptions, verifyAssertion } from '../people/passkey.ts'
import {
  browserHash,
  clearSessionCookie,
  deviceCookie,
  lastWay,
  openHere,
  rememberWay,
} from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import { eventHead, type Env } from '../web.ts'
import { continuePath, homeOf } from './flow.ts'
import { desk, readForm, readJson, setCookies, slow } from './form-routes.ts'
import { land } from './landing.ts'
import { donePage, signInPage } from './pages.ts'
import { answerWaiting, giveUpPlace, waitToBegin, waitToSee } from './place-cookie.ts'
import { signInWithSecret } from './secret-sign-in.ts'

const passkeyBody = z.object({ answer: z.unknown(), desk, continue: z.string().optional() })

const secretBody = z.object({
  email: z.string().max(254),
  secret: z.string().max(400),
  code: z.string().max(20),
  sharedDesk: desk,
  continue: z.string().optional(),
})

export function addSignInRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/signin', async (c) => {
    const target = continuePath(c.req.query('continue'))
    const wait = await waitToSee(services, c)
    if (wait) return answerWaiting(c, wait, signInAddress(target))
    // As an application or a link said it (`login_hint`): shown back, and looked up nowhere.
    const { data: email } = emailShape.safeParse(c.req.query('email'))
    return c.html(
      signInPage({
        language: c.get('context').language,
        otherWayOpen: lastWay(c) === 'secret' || c.req.query('way') === 'secret',
        ...(email !== undefined && { email }),
        ...(target && { continue: target }),
      }),
    )
  })

  routes.post('/signin/passkey/options', async (c) => {
    await slow(services, c, 'signin-source')
    return c.json(await assertionOptions(services, browserHash(services, c), { for: 'signin' }))
  })

  routes.post('/signin/passkey', async (c) => {
    await slow(services, c, 'signin-source')
    const context = c.get('context')
    const body = await readJson(c, passkeyBody)
    // To the page where it waits: the touch is asked for again when its turn has come.
    if (await waitToBegin(services, c))
      return c.json({ continue: signInAddress(continuePath(body.continue)) })
    const head = eventHead(context, { kind: 'stranger' })
    const { card: _card, ...proof } = await verifyAssertion(
      services,
      body.answer,
      browserHash(services, c),
      { for: 'signin' },
      head,
    )
    c.set('actor', proof.holder)
    const arrival = { ...proof, deviceCookie: deviceCookie(c), sharedDesk: body.desk }
    setCookies(c, await land(services, context, openHere(c), arrival))
    rememberWay(c, 'passkey')
    giveUpPlace(c)
    return c.json({ continue: continuePath(body.continue) ?? homeOf(proof.holder) })
  })

  routes.post('/signin/secret', async (c) => {
    const context = c.get('context')
    const body = await readForm(c, secretBody)
    const target = continuePath(body.continue)
    c.set('drawRefusal', (row) =>
      signInPage({
        language: context.language,
        problem: row[context.language],
        email: body.email,
        sharedDesk: body.sharedDesk,
        otherWayOpen: true,
        ...(target && { continue: target }),
      }),
    )
    await slow(services, c, 'signin-source')
    if (await waitToBegin(services, c)) return c.redirect(signInAddress(target), 303)
    const email = emailShape.safeParse(body.email).data ?? ''
    const code = body.code.replaceAll(/\s/g, '')
    const proof = await signInWithSecret(
      services,
      { email, secret: body.secret, code },
      { deviceCookie: deviceCookie(c), network: context.network },
      eventHead(context, { kind: 'stranger' }),
    )
    c.set('actor', proof.holder)
    const arrival = { ...proof, deviceCookie: deviceCookie(c), sharedDesk: body.sharedDesk }
    setCookies(c, await land(services, context, openHere(c), arrival))
    rememberWay(c, 'secret')
    giveUpPlace(c)
    return c.redirect(doneAddress(target ?? homeOf(proof.holder)), 303)
  })

  routes.get('/signin/done', (c) => {
    const target = continuePath(c.req.query('continue')) ?? '/account'
    c.header('Refresh', `0; url=${target}`)
    return c.html(donePage(c.get('context').language, target))
  })

  routes.post('/signin/out', async (c) => {
    // Also one that is denied: its cookie must not work again once the restriction is lifted.
    const session = c.get('named')
    if (session) await signOut(services, session, eventHead(c.get('context'), session.holder))
    clearSessionCookie(c)
    return c.redirect('/signin', 303)
  })
}

export const doneAddress = (target: string): string => `/signin/done?continue=${encodeURIComponent(target)}`

const signInAddress = (target: string | undefined): string =>
  target === undefined ? '/signin' : `/signin?continue=${encodeURIComponent(target)}`
