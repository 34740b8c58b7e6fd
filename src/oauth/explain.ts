/**
 * Why an authorization request fails, parameter by parameter. It asks the very steps that the endpoint runs: whatever they
 * refuse is noted, put right in a copy, and asked again, until they refuse nothing more. Nothing is fetched, followed,
 * taken or kept; a pushed request is not looked up, since that would use it.
 */

import type { Checked, CheckedParameter, Finding } from '../clients/check/finding.ts'
import { nearestDifference } from '../clients/check/redirect-difference.ts'
import type { Client } from '../clients/client.ts'
import { hasKeys } from '../clients/key-set.ts'
import { isSystemScope, narrowScopes, scopeNames } from '../clients/scope.ts'
import { findRegistered, listClients } from '../clients/store.ts'
import type { ClientId } from '../core/ids.ts'
import { parseParameters } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import { paths } from './accepted.ts'
import { requestUriPrefix, requirePushed, requireSigned } from './arrived-request.ts'
import { checkRequest, proveReturn } from './authorize-request.ts'
import type { Fields } from './fields.ts'

type Needs = Pick<Services, 'db' | 'resources' | 'config'>

/** Never shown, wherever they stand. */
const secrets = [
  'client_secret',
  'code',
  'code_verifier',
  'access_token',
  'refresh_token',
  'id_token',
  'client_assertion',
  'password',
  'token',
]
/** What may be shown again to whoever pasted it. */
const shown = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'resource',
  'aud',
  'code_challenge_method',
  'prompt',
  'max_age',
  'acr_values',
  'display',
  'ui_locales',
]
/** In the order they are read out. */
const always = ['client_id', 'redirect_uri', 'response_type', 'scope', 'resource', 'code_challenge']
const mostShown = 300

/** `named`: whose return address it should be, where the address does not say. */
export async function explainAddress(services: Needs, pasted: string, named?: ClientId): Promise<Checked> {
  const address = pasted.trim()
  const nothing = { findings: [], parameters: [] }
  if (!URL.canParse(address)) return { read: 'nothing', ...nothing, findings: [{ kind: 'no-address' }] }
  const url = new URL(address)
  const isRequest = url.pathname === paths.authorize || url.searchParams.has('client_id')
  return isRequest ? explainRequest(services, url, named) : explainReturn(services, pasted, named)
}

interface Reading {
  fields: Fields
  at: Map<string, Finding[]>
}

const note = ({ at }: Reading, parameter: string, finding: Finding): void =>
  void at.set(parameter, [...(at.get(parameter) ?? []), finding])

async function explainRequest(services: Needs, url: URL, named: ClientId | undefined): Promise<Checked> {
  const reading = readParameters(url)
  const expected = `${services.config.issuer}${paths.authorize}`
  const found = `${url.origin}${url.pathname}`
  const findings: Finding[] = found === expected ? [] : [{ kind: 'elsewhere', found, expected }]
  if (reading.fields['request_uri']?.startsWith(requestUriPrefix))
    return {
      read: 'request',
      findings: [...findings, { kind: 'pushed-name' }],
      parameters: parametersOf(reading),
    }
  const client = await clientOf(services, reading, named)
  if (client) findings.push(...explainFor(services, reading, client))
  return {
    read: 'request',
    ...(client && { client: client.id }),
    findings,
    parameters: parametersOf(reading),
  }
}

/** A signed request is not opened, for the same reason; what stands beside it does not count. */
function explainFor(services: Needs, reading: Reading, client: Client): Finding[] {
  if (reading.fields['request'] !== undefined && hasKeys(client.options)) return [{ kind: 'signed-object' }]
  explainReturnOf(reading, client)
  explainRest(services, reading, client)
  return [
    ...(refusalOf(() => requirePushed(client, 'bare')) ? [{ kind: 'push-required' } as const] : []),
    ...(refusalOf(() => requireSigned(client, 'bare')) ? [{ kind: 'sign-required' } as const] : []),
  ]
}

/** As `parseParameters` refuses them; of one that stands there twice the first is read on. */
function readParameters(url: URL): Reading {
  const reading: Reading = { fields: {}, at: new Map() }
  const fragment = new URLSearchParams(url.hash.slice(1))
  for (const name of secrets)
    if (url.searchParams.has(name) || fragment.has(name))
      note(reading, name, { kind: 'secret', parameter: name })
  const once = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    const parameter = name.slice(0, 40)
    if (once.has(name)) note(reading, parameter, { kind: 'repeated', parameter })
    else if (refusalOf(() => parseParameters(new URLSearchParams({ [name]: value }))))
      note(reading, parameter, { kind: 'unreadable', parameter })
    else once.set(name, value)
  }
  return { ...reading, fields: Object.fromEntries(once) }
}

async function clientOf(
  { db }: Needs,
  reading: Reading,
  named: ClientId | undefined,
): Promise<Client | undefined> {
  const id = reading.fields['client_id']
  if (!id) note(reading, 'client_id', { kind: 'client-missing' })
  const wanted = (id || named) as ClientId | undefined
  if (wanted === undefined) return undefined
  const client = await findRegistered(db, wanted)
  if (client?.disabledAt !== undefined) note(reading, 'client_id', { kind: 'client-disabled', id: client.id })
  if (client) return client
  const like = nearestDifference(
    wanted,
    (await listClients(db)).map((each) => each.id),
  )
  note(reading, 'client_id', {
    kind: 'client-unknown',
    id: wanted.slice(0, 80),
    ...(like && like.at + like.tail > wanted.length / 2 && { like: like.registered as ClientId }),
  })
  return undefined
}

function explainReturnOf(reading: Reading, client: Client): void {
  const requested = reading.fields['redirect_uri']
  if (!requested) return note(reading, 'redirect_uri', { kind: 'redirect-missing' })
  if (refusalOf(() => proveReturn(client, reading.fields)))
    note(reading, 'redirect_uri', differs(requested, client))
}

function differs(requested: string, client: Client): Finding {
  const difference = nearestDifference(requested.slice(0, 500), client.redirectUris)
  return difference ? { kind: 'redirect-differs', difference, client: client.id } : { kind: 'redirect-none' }
}

/** Each round puts one parameter right, so that there are no more rounds than parameters. */
function explainRest(services: Needs, reading: Reading, client: Client): void {
  let fields = reading.fields
  const met = new Set<string>()
  for (;;) {
    const now = fields
    const refusal = refusalOf(() => checkRequest(services, client, now['redirect_uri'] ?? '', now))
    if (!refusal) return
    const parameter = parameterOf(refusal, now)
    note(reading, parameter ?? 'client_id', wordsFor(services, refusal, parameter, now, client))
    if (parameter === undefined || met.has(parameter)) return
    met.add(parameter)
    const sound = remedies[parameter]?.(services, client) ?? {}
    fields = { ...omit(now, parameter === 'resource' ? ['resource', 'aud'] : [parameter]), ...sound }
  }
}

const omit = (fields: Fields, names: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

/** Which parameter a step refused: by its reason, or as the step itself names it. */
function parameterOf({ reason, detail }: Refusal, fields: Fields): string | undefined {
  const byReason: Readonly<Record<string, string>> = {
    unsupported_response_type: 'response_type',
    scope_not_allowed: 'scope',
    resource_unknown: fields['resource'] === undefined && fields['aud'] !== undefined ? 'aud' : 'resource',
    pkce_required: 'code_challenge',
    request_object_unsupported: 'request',
    request_uri_unsupported: 'request_uri',
  }
  const fault = detail['fault'] ?? detail['missing']
  const found = byReason[reason] ?? (typeof fault === 'string' ? fault.split(':')[0] : undefined)
  return found === 'aud' ? 'resource' : found
}

/** What a step takes in place of what it refused; what is optional is left out. */
const remedies: Readonly<Record<string, (services: Needs, client: Client) => Fields>> = {
  response_type: () => ({ response_type: 'code' }),
  scope: (_, { scopes }) => ({ scope: scopes.find((scope) => !isSystemScope(scope)) ?? '' }),
  // Only a records app hands one over: the rest is looked at as if none were asked for.
  launch: (_, { scopes }) => ({
    scope: scopes.find((scope) => !isSystemScope(scope) && scope !== 'launch') ?? '',
  }),
  resource: (services, client): Fields =>
    Object.fromEntries(audiencesOf(services, client).map((resource) => ['resource', resource])),
  code_challenge: () => ({ code_challenge: 'A'.repeat(43), code_challenge_method: 'S256' }),
}

const audiencesOf = ({ resources }: Needs, client: Client): string[] =>
  client.resources.filter((audience) => resources.findByAudience(audience))

function wordsFor(
  services: Needs,
  { reason }: Refusal,
  parameter: string | undefined,
  fields: Fields,
  client: Client,
): Finding {
  if (parameter === 'response_type')
    return { kind: 'response-type', value: (fields['response_type'] ?? '').slice(0, 80) }
  if (parameter === 'scope') return scopeFinding(fields, client)
  if (parameter === 'resource') return resourceFinding(services, fields, client)
  if (parameter === 'code_challenge') return challengeFinding(fields)
  if (reason === 'grant_type_not_allowed') return { kind: 'no-sign-in' }
  if (parameter !== undefined) return { kind: 'value', parameter }
  return { kind: 'refused', reason }
}

function scopeFinding(fields: Fields, client: Client): Finding {
  const asked = scopeNames(fields['scope'] ?? '')
  const { refused } = narrowScopes(asked, client.scopes)
  const names = asked.filter((name) => refused.includes(name) || isSystemScope(name))
  return names.length === 0
    ? { kind: 'scope-missing' }
    : { kind: 'scope', names: names.slice(0, 20).map((name) => name.slice(0, 80)) }
}

function resourceFinding(services: Needs, fields: Fields, client: Client): Finding {
  const audiences = audiencesOf(services, client)
  const value = fields['resource'] ?? fields['aud']
  return value === undefined
    ? { kind: 'resource-missing', audiences }
    : { kind: 'resource', value: value.slice(0, mostShown), audiences }
}

function challengeFinding(fields: Fields): Finding {
  if (!fields['code_challenge']) return { kind: 'pkce-missing' }
  return { kind: fields['code_challenge_method'] === 'S256' ? 'pkce-shape' : 'pkce-method' }
}

function parametersOf({ fields, at }: Reading): CheckedParameter[] {
  const names = new Set([...always, ...Object.keys(fields), ...at.keys()])
  const needed = (name: string) => fields[name] !== undefined || at.has(name)
  return [...names].filter(needed).map((name) => {
    const value = fields[name]
    return {
      name: name.slice(0, 40),
      ...(value === undefined && !at.has(name) && { missing: true as const }),
      ...(value !== undefined && shown.includes(name) && { value: value.slice(0, mostShown) }),
      findings: at.get(name) ?? [],
    }
  })
}

/** A bare return address: of the application named, or of whichever is nearest. */
async function explainReturn(
  services: Needs,
  requested: string,
  named: ClientId | undefined,
): Promise<Checked> {
  const all = await listClients(services.db)
  const asked = named === undefined ? all : all.filter(({ id }) => id === named)
  const reading: Reading = { fields: { redirect_uri: requested }, at: new Map() }
  const done = (client?: Client): Checked => ({
    read: 'return-address',
    ...(client && { client: client.id }),
    findings: [],
    parameters: parametersOf(reading),
  })
  for (const client of asked) {
    if (!refusalOf(() => proveReturn(client, reading.fields))) return done(client)
  }
  const nearest = nearestDifference(
    requested.slice(0, 500),
    asked.flatMap(({ redirectUris }) => redirectUris),
  )
  const owner = asked.find(({ redirectUris }) => nearest && redirectUris.includes(nearest.registered))
  note(
    reading,
    'redirect_uri',
    nearest && owner
      ? { kind: 'redirect-differs', difference: nearest, client: owner.id }
      : { kind: 'redirect-none' },
  )
  return done(owner)
}

function refusedBy(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  throw error
}

function refusalOf(step: () => unknown): Refusal | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    return refusedBy(error)
  }
}
