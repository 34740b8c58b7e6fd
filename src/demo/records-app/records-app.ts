/**
 * Dossier Démo: a small records app that belongs to the demonstration, not to Garde. It signs people in with Garde, asks
 * the gateway for every record, and shows plainly when the gateway says no.
 */

import { readFileSync } from 'node:fs'
import { Hono, type Context } from 'hono'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { AuthorizationResponseError } from 'openid-client'
import { chooseLanguage } from '../../core/language.ts'
import { createGarde, type GardeClient, type StepUp } from './garde.ts'
import { createGateway } from './gateway.ts'
import { screenOf, type Screen } from './layout.ts'
import { refusalPage, signInFailedPage, welcomePage } from './pages.ts'
import { patientRoutes } from './patient-routes.ts'
import { createVisits, type Visit } from './visit.ts'

export interface RecordsAppOptions extends GardeClient {
  now?: () => Date
}

const asset = (name: string) => readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')

/** Signing out posts here and is led on to Garde, so forms may lead there. */
const headersFor = (issuer: string) => ({
  'Content-Security-Policy': `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ${issuer}; base-uri 'none'; frame-ancestors 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
})

export function createRecordsApp(options: RecordsAppOptions): Hono {
  const garde = createGarde(options)
  const gateway = createGateway(garde, options.audience)
  const visits = createVisits()
  const now = options.now ?? (() => new Date())
  const assets: Record<string, [type: string, body: string]> = {
    '/dossier.css': ['text/css; charset=utf-8', asset('dossier.css')],
    '/favicon.svg': ['image/svg+xml', asset('favicon.svg')],
  }
  const languageOf = (c: Context, visit: Visit) =>
    visit.language ?? chooseLanguage(c.req.header('accept-language'))
  const screen = (c: Context, visit: Visit): Screen => {
    const url = new URL(c.req.url)
    return screenOf(languageOf(c, visit), `${url.pathname}${url.search}`, visit.person)
  }

  const headers = headersFor(options.issuer)
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value)
  })
  app.use(csrf({ origin: options.address }))
  for (const [path, [type, body]] of Object.entries(assets))
    app.get(path, (c) => c.body(body, 200, { 'Content-Type': type }))

  app.get('/', (c) => {
    const visit = visits.of(c)
    return visit.tokens ? c.redirect('/patients', 303) : c.html(welcomePage(screen(c, visit)))
  })

  app.get('/sign-in', async (c) => {
    const visit = visits.of(c)
    const stepUp = stepUpIn(c)
    const url = await garde.begin(visit, languageOf(c, visit), ownPath(c.req.query('return')), stepUp)
    return c.redirect(url.href, 303)
  })

  app.get('/callback', async (c) => {
    const visit = visits.of(c)
    const url = new URL(`/callback${new URL(c.req.url).search}`, options.address)
    try {
      const signedIn = await garde.finish(visit, url)
      if (!signedIn) return c.html(signInFailedPage(screen(c, visit)), 400)
      visits.rename(c)
      return c.redirect(signedIn.returnTo, 303)
    } catch (error) {
      if (!(error instanceof AuthorizationResponseError)) throw error
      return c.html(signInFailedPage(screen(c, visit), error.error_description ?? error.error), 403)
    }
  })

  app.post('/sign-out', async (c) => {
    const end = await garde.end(visits.of(c))
    visits.forget(c)
    return c.redirect(end?.href ?? '/', 303)
  })

  app.post('/language', async (c) => {
    const form = await c.req.parseBody()
    visits.of(c).language = form['language'] === 'en' ? 'en' : 'fr'
    return c.redirect(ownPath(form['here']), 303)
  })

  patientRoutes(app, { gateway, visitOf: (c) => visits.of(c), screen, now, base: options.audience })
  app.notFound((c) => c.html(refusalPage(screen(c, visits.of(c)), { kind: 'missing' }, '/'), 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    console.error(`records app: ${error.name}: ${error.message}`)
    return c.html(refusalPage(screen(c, visits.of(c)), { kind: 'unavailable' }, '/'), 503)
  })
  return app
}

/** Only a path of this app; anything else leads to the patients. */
const ownPath = (value: unknown): string =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : '/patients'

function stepUpIn(c: Context): StepUp {
  const acrValues = c.req.query('acr')
  const maxAge = Number(c.req.query('max_age') ?? Number.NaN)
  return {
    ...(acrValues !== undefined && { acrValues }),
    ...(Number.isInteger(maxAge) && maxAge >= 0 && { maxAge }),
  }
}
