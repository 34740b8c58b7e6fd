/**
 * What somebody copies into a program so that it signs people in here: one target a file, each a pure function of the
 * client and this server. A target says what its program can do; whatever the client demands beyond that is a sentence
 * and no configuration. No secret is ever in it: the text says where it goes.
 */

import type { Resource } from '../../resources/resource.ts'
import { idTokenAlgorithm, type Client } from '../client.ts'
import { profileRow, type ClientAuthentication } from '../profiles.ts'
import { isServiceScope, isSystemScope } from '../scope.ts'
import { recipeTexts, type Why } from './texts.ts'

/** Paths under the issuer. */
export interface Endpoints {
  authorize: string
  pushed: string
  token: string
  userinfo: string
  jwks: string
  logout: string
}

export interface Server {
  issuer: string
  endpoints: Endpoints
  /** APIs served now. */
  resources: readonly Resource[]
}

/** A client as a program has to know it. */
export interface App {
  client: Client
  server: Server
  /** One return address that the program can answer at. */
  redirectUri: string
  /** Of those the client may use, the one the program knows. */
  authentication: ClientAuthentication
  /** Between single spaces. */
  scope: string
  /** Audience; empty where the client has none, and only signs people in. */
  resource: string
  dpop: boolean
  pushed: boolean
  /** Acts for nobody (RFC 6749 §4.4). */
  service: boolean
  /** Empty where it gets no ID tokens. */
  idTokenAlgorithm: string
}

export interface Abilities {
  authentication: readonly ClientAuthentication[]
  /** `services`: tokens of its own, without a person. */
  kinds: readonly ('people' | 'services')[]
  dpop?: true
  pushed?: true
  /** RFC 8707. A program that cannot name one works with a client that has only one. */
  resource?: true
  /** The address it comes back to cannot be chosen freely; `form` says how it ends. */
  returnsTo?: { pattern: RegExp; form: string }
  /** It runs in a browser, which keeps no secret. */
  publicOnly?: true
  /** Those it can verify, where it cannot all. */
  idTokenAlgorithms?: readonly string[]
  /** What its syntax cannot hold, whatever the quotes. */
  cannotHold?: RegExp
}

export interface Target {
  /** As `--for` names it. */
  name: string
  /** As its makers write it. */
  title: string
  /** Where it usually stands. */
  file: string
  can: Abilities
  /** Beyond what its abilities say. */
  refuses?(app: App): Why | undefined
  write(app: App): string
}

export type Offer = Pick<Target, 'name' | 'title' | 'file'> & ({ text: string } | { why: Why; form?: string })

/** A line break in an address would begin a line of somebody else's choosing, in every syntax. */
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/

export function offer(target: Target, client: Client, server: Server): Offer {
  const { name, title, file } = target
  const app = appOf(target.can, client, server)
  const why = whyNot(target.can, app) ?? target.refuses?.(app)
  if (why === 'returnsTo') return { name, title, file, why, form: target.can.returnsTo?.form ?? '' }
  return why ? { name, title, file, why } : { name, title, file, text: target.write(app) }
}

function appOf(can: Abilities, client: Client, server: Server): App {
  const service = !client.grantTypes.includes('authorization_code')
  const wanted = client.scopes.filter(service ? isServiceScope : isAskedAlone)
  const served = client.resources.filter((audience) =>
    server.resources.some((resource) => resource.audience === audience),
  )
  const row = profileRow(client.profile)
  return {
    client,
    server,
    service,
    redirectUri:
      client.redirectUris.find((uri) => !can.returnsTo || can.returnsTo.pattern.test(uri)) ??
      client.redirectUris[0] ??
      '',
    authentication:
      client.authentication.find((method) => can.authentication.includes(method)) ??
      client.authentication[0] ??
      'none',
    scope: wanted.join(' '),
    resource: served[0] ?? '',
    dpop: client.options.dpopRequired === true || row.dpop === 'required',
    pushed: client.options.pushedRequestsOnly === true || row.pushedRequests === 'required',
    idTokenAlgorithm: row.idTokenAlgorithms.length === 0 ? '' : idTokenAlgorithm(client),
  }
}

/** `launch` is asked for with what the records app handed over (SMART App Launch 2.2), and refused without it. */
const isAskedAlone = (scope: string): boolean => !isSystemScope(scope) && scope !== 'launch'

/** The first thing that stands in the way; undefined when nothing does. */
const whyNot = (can: Abilities, app: App): Why | undefined =>
  (Object.keys(obstacles) as Why[]).find((why) => obstacles[why]?.(can, app))

const obstacles: Partial<Record<Why, (can: Abilities, app: App) => boolean>> = {
  disabled: (_, { client }) => client.disabledAt !== undefined,
  // Of none at all, it signs people in and no more.
  noResource: (_, { client, resource }) => client.resources.length > 0 && resource === '',
  unprintable: (_, { redirectUri, resource }) => unprintable.test(redirectUri + resource),
  peopleOnly: ({ kinds }, { service }) => service && !kinds.includes('services'),
  signedRequests: (_, { client }) => client.options.signedRequestsOnly === true,
  publicOnly: (can, { client }) => can.publicOnly === true && profileRow(client.profile).kind !== 'public',
  authentication: (can, { authentication }) => !can.authentication.includes(authentication),
  dpop: (can, { dpop }) => dpop && !can.dpop,
  pushed: (can, { pushed, service }) => pushed && !service && !can.pushed,
  severalResources: (can, { client }) => !can.resource && client.resources.length > 1,
  returnsTo: (can, { redirectUri, service }) =>
    !service && can.returnsTo !== undefined && !can.returnsTo.pattern.test(redirectUri),
  idTokenAlgorithm: (can, { idTokenAlgorithm: alg, service }) =>
    !service && can.idTokenAlgorithms !== undefined && !can.idTokenAlgorithms.includes(alg),
  cannotHold: (can, { redirectUri, resource, scope }) =>
    can.cannotHold?.test([redirectUri, resource, scope].join('\n')) === true,
}

/** `form`: of the return address, where that is what stands in the way. */
export const whyWords = ({ why, form = '' }: { why: Why; form?: string }, language: 'fr' | 'en'): string =>
  `${recipeTexts[language][why]}${form}`
