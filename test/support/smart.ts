/** SMART App Launch in the world: a public application, and a records application that may open it. */

import type { EventHead } from '../../src/audit/event.ts'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import type { Practice } from '../../src/people/practices.ts'
import { updatePractitioner } from '../../src/people/practitioners.ts'
import type { Browser } from './people.ts'
import { audienceOf, world, type Clinician, type Store, type World } from './world.ts'

const smartScope = 'openid fhirUser offline_access launch/patient patient/*.rs user/Practitioner.r'

export interface SmartTokens {
  access_token: string
  refresh_token?: string
  id_token?: string
  scope: string
  patient?: string
  encounter?: string
  intent?: string
  need_patient_banner?: boolean
  tenant?: string
  error?: string
}

export interface SmartWorld extends World {
  lilas: Practice
  tilleuls: Practice
  clinician(practice: Practice): Promise<Clinician>
  head(): EventHead
  /** Where an authorization request of the application goes, changed as the test says. */
  address(changes?: Record<string, string>): string
  /** The page that stands at the end of redirects inside Garde, or where the browser left for. */
  walk(browser: Browser, address: string): Promise<{ page: string; left?: URL }>
  /** A form of that page, posted with what the person chose. */
  answer(
    browser: Browser,
    page: string,
    chosen: Record<string, string>,
  ): Promise<{ page: string; left?: URL }>
  exchange(left: URL | undefined, client?: string, secret?: string): Promise<SmartTokens>
  refresh(token: string | undefined): Promise<SmartTokens>
  read(accessToken: string, path: string): Promise<Response>
  /** The records application's own sign-in: where it begins, what comes of where it ends, and both. */
  ehrAddress(): string
  exchangeEhr(left: URL | undefined): Promise<SmartTokens>
  openEhr(browser: Browser): Promise<SmartTokens>
  launch(accessToken: string, fields: Record<string, string>): Promise<Response>
  /** What the records application is told of a token. */
  introspect(token: string): Promise<unknown>
}

const elsewhere = { app: 'http://127.0.0.1:51005/callback', ehr: 'http://127.0.0.1:51006/callback' }
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** `addresses`: where the two applications are returned to. */
export async function smartWorld(store: Store = 'PGlite', addresses = elsewhere): Promise<SmartWorld> {
  const { app: smartCallback, ehr: ehrCallback } = addresses
  const here = await world(store)
  const { services, issuer, clock } = here
  const [lilas, tilleuls] = [await here.practice('Lilas'), await here.practice('Tilleuls')]
  here.records.load(patientsOf(lilas, tilleuls) as never)
  const head = (): EventHead => ({ at: clock.now(), actor: { kind: 'system', id: 'test' } })
  await saveClient(services, head(), parseClient(application(issuer, 'smart-app', smartCallback)))
  await saveClient(
    services,
    head(),
    parseClient({ ...application(issuer, 'other-app', smartCallback), name: 'Courbes' }),
  )
  const { secret: ehrSecret = '' } = await saveClient(
    services,
    head(),
    parseClient({
      id: 'ehr',
      name: 'Dossier',
      profile: 'web-confidential',
      firstParty: true,
      redirectUris: [ehrCallback],
      scopes: ['openid', 'user/*.cruds'],
      resources: [audienceOf(issuer)],
      options: { launches: ['smart-app'], introspects: [audienceOf(issuer)] },
    }),
  )
  const form = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${issuer}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    })
  const token = async (fields: Record<string, string>, headers = {}): Promise<SmartTokens> =>
    (await (await form('/oauth/token', fields, headers)).json()) as SmartTokens
  const address = (changes: Record<string, string> = {}) =>
    `/oauth/authorize?${new URLSearchParams({
      client_id: 'smart-app',
      response_type: 'code',
      redirect_uri: smartCallback,
      scope: smartScope,
      aud: audienceOf(issuer),
      state: 's1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changes,
    }).toString()}`
  const settle = async (browser: Browser, first: Response) => {
    let answer = first
    for (let hops = 0; hops < 10; hops++) {
      const next = answer.headers.get('location') ?? answer.headers.get('refresh')?.replace('0; url=', '')
      if (!next) return { page: await answer.text() }
      const target = new URL(next, issuer)
      if (target.origin !== issuer) return { page: '', left: target }
      answer = await browser.get(target.pathname + target.search)
    }
    throw new Error('redirected in a circle')
  }
  const walk = async (browser: Browser, to: string) => settle(browser, await browser.get(to))
  const exchange = (left: URL | undefined, client = 'smart-app', secret?: string) =>
    token(
      {
        grant_type: 'authorization_code',
        code: left?.searchParams.get('code') ?? '',
        redirect_uri: secret === undefined ? smartCallback : ehrCallback,
        code_verifier: verifier,
        ...(secret === undefined && { client_id: client }),
      },
      secret === undefined ? {} : { authorization: `Basic ${btoa(`${client}:${secret}`)}` },
    )
  const ehrAddress = () =>
    address({ client_id: 'ehr', redirect_uri: ehrCallback, scope: 'openid user/*.cruds' })
  const exchangeEhr = (left: URL | undefined) => exchange(left, 'ehr', ehrSecret)
  return {
    ...here,
    lilas,
    tilleuls,
    head,
    address,
    walk,
    clinician: async (practice) => {
      const person = await here.clinician(practice)
      const named = { recordsName: 'prat-anne' }
      await updatePractitioner(services, person.practitioner.id, named, head())
      return person
    },
    answer: async (browser, page, chosen) =>
      settle(browser, await browser.form('/oauth/resume', { ...hiddenIn(page), ...chosen })),
    exchange,
    refresh: (refresh_token = '') =>
      token({ grant_type: 'refresh_token', refresh_token, client_id: 'smart-app' }),
    read: (accessToken, path) =>
      fetch(`${audienceOf(issuer)}${path}`, { headers: { authorization: `Bearer ${accessToken}` } }),
    introspect: async (asked) => {
      const headers = { authorization: `Basic ${btoa(`ehr:${ehrSecret}`)}` }
      return (await form('/oauth/introspect', { token: asked }, headers)).json()
    },
    ehrAddress,
    exchangeEhr,
    openEhr: async (browser) => exchangeEhr((await walk(browser, ehrAddress())).left),
    launch: (accessToken, fields) =>
      form('/oauth/launch', fields, { authorization: `Bearer ${accessToken}`, accept: 'application/json' }),
  }
}

const application = (issuer: string, id: string, redirectUri: string) => ({
  id,
  name: 'Calculateur',
  profile: 'smart-public',
  firstParty: true,
  redirectUris: [redirectUri],
  scopes: [
    'openid',
    'fhirUser',
    'offline_access',
    'launch',
    'launch/patient',
    'launch/encounter',
    'patient/*.rs',
    'user/Practitioner.r',
  ],
  resources: [audienceOf(issuer)],
})

/** What the first form of a page sends along unseen. */
export function hiddenIn(page: string): Record<string, string> {
  const form = /<form[\s\S]*?<\/form>/.exec(page)?.[0] ?? ''
  const inputs = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
  return Object.fromEntries(Array.from(inputs, ([, name = '', value = '']) => [name, value]))
}

function patientsOf(a: Practice, b: Practice) {
  const patient = (id: string, practice: Practice, family: string, given: string, birthDate: string) => ({
    resource: {
      resourceType: 'Patient',
      id,
      identifier: [{ system: 'urn:records', value: `N-${id}` }],
      name: [{ family, given: [given] }],
      gender: 'female',
      birthDate,
      managingOrganization: { reference: `Organization/${practice.recordsName}` },
    },
  })
  const about = (resourceType: string, id: string, subject: string) => ({
    resource: { resourceType, id, status: 'final', subject: { reference: `Patient/${subject}` } },
  })
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      patient('a1', a, 'Durand', 'Jeanne', '1951-03-03'),
      patient('a2', a, 'Durand-Leroy', 'Jeanne', '1951-03-03'),
      patient('b1', b, 'Durand', 'Jeanne', '1951-03-03'),
      about('Observation', 'oa1', 'a1'),
      about('Observation', 'oa2', 'a2'),
      about('Encounter', 'ea1', 'a1'),
      about('Encounter', 'ea2', 'a2'),
      { resource: { resourceType: 'Practitioner', id: 'prat-anne', name: [{ family: 'Martin' }] } },
    ],
  }
}
