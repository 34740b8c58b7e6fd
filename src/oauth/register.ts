/**
 * POST /oauth/register (RFC 7591) and /oauth/register/{client_id} (RFC 7592), mounted where the configuration says so. A
 * client that registers itself is held to the same table as any other, within what its initial access token says; what
 * would give it more later is an operator's to save.
 */

import type { Context } from 'hono'
import type { Actor } from '../audit/event.ts'
import { parseClient, type Client, type ClientInput } from '../clients/client.ts'
import { describedByItself, inTheirNames, metadataOf, type RegistrationBounds } from '../clients/metadata.ts'
import {
  deleteRegistration,
  insertRegistration,
  isNameTaken,
  managesClient,
} from '../clients/registration-store.ts'
import { requireRegistrationToken, takeRegistration } from '../clients/registration-token-store.ts'
import { disableClient, findClient, saveClient } from '../clients/store.ts'
import { widens } from '../clients/widening.ts'
import { idPattern, type ClientId } from '../core/ids.ts'
import { utf8 } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import { readJson } from '../ui/body.ts'
import { eventHead } from '../web.ts'
import { paths, type OauthEnv } from './accepted.ts'
import { z } from 'zod'

const anyObject = z.record(z.string(), z.unknown())
type Sent = z.output<typeof anyObject>

/**
 * Refuses `registration_token_invalid`, `slowed`, `software_statement_unsupported`, `redirect_uri_invalid`,
 * `client_metadata_invalid`.
 */
export const register =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const now = services.clock.now()
    await slow(services, c)
    const bounds = await requireRegistrationToken(services, bearerOf(c))
    const actor: Actor = { kind: 'system', id: bounds.id }
    c.set('actor', actor)
    const input = readInput(await readMetadata(c), bounds, undefined)
    const token = mintSecret()
    const { client, secret } = await services.db.transaction(async (tx) => {
      if (!(await takeRegistration(tx, bounds.id, now)))
        throw new Refusal('registration_token_invalid', { token: bounds.id })
      if (await isNameTaken(tx, input.name)) throw invalid('client_name: is the name of another client')
      const inside = { ...services, db: tx }
      const saved = await saveClient(inside, eventHead(c.get('context'), actor), input, 'narrow')
      const tokenHash = hashSecret(services.primitives, token)
      await insertRegistration(tx, { client: saved.client.id, tokenHash, createdAt: now })
      return saved
    })
    const told = { ...answerOf(services, client, token), ...(secret !== undefined && secretOf(secret)) }
    return c.json(told, 201)
  }

/** RFC 7592 §2.1. Its secret is kept as a hash and cannot be told again. */
export const readRegistration =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const { client, token } = await requireManaged(services, c)
    return c.json(answerOf(services, client, token))
  }

/** RFC 7592 §2.2: replaces everything. Refuses `registration_widens`, `conflict`, and what `register` refuses of metadata. */
export const changeRegistration =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const { client, token } = await requireManaged(services, c)
    const sent = await readMetadata(c)
    checkOwn(services, client, sent)
    const { profile, scopes, resources } = client
    const input = readInput(sent, { profiles: [profile], scopes, resources }, client)
    if (widens(client, input)) throw new Refusal('registration_widens', { client: client.id })
    const head = eventHead(c.get('context'), { kind: 'client', id: client.id })
    const saved = await saveClient(services, head, input, 'narrow')
    return c.json(answerOf(services, saved.client, token))
  }

/** RFC 7592 §2.3: its tokens open nothing from now on, and it never comes back. */
export const endRegistration =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const { client } = await requireManaged(services, c)
    await disableClient(services, eventHead(c.get('context'), { kind: 'client', id: client.id }), client.id)
    await deleteRegistration(services.db, client.id)
    return c.body(null, 204)
  }

/** Refuses `slowed`. */
async function slow({ throttle }: Services, c: Context<OauthEnv>): Promise<void> {
  const taken = await throttle.take('registration-source', c.get('context').network)
  if (!taken.allowed) throw new Refusal('slowed', { retryAfterSeconds: taken.retryAfterSeconds })
}

/** RFC 6750 §2.1. Refuses `registration_token_invalid`. */
function bearerOf(c: Context<OauthEnv>): string {
  const token = /^bearer ([\w-]{43})$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (token === undefined) throw new Refusal('registration_token_invalid', { fault: 'shape' })
  return token
}

/** One answer for a client that is not there and for a token that is not its (RFC 7592 §2.1). */
async function requireManaged(
  services: Services,
  c: Context<OauthEnv>,
): Promise<{ client: Client; token: string }> {
  await slow(services, c)
  const token = bearerOf(c)
  const id = (c.req.param('client') ?? '') as ClientId
  const known =
    idPattern('client').test(id) &&
    (await managesClient(services.db, id, hashSecret(services.primitives, token)))
  const client = known ? await findClient(services.db, id) : undefined
  if (!client) throw new Refusal('registration_token_invalid', { fault: 'not of this client' })
  c.set('actor', { kind: 'client', id })
  return { client, token }
}

async function readMetadata(c: Context<OauthEnv>): Promise<Sent> {
  const sent = await readJson(c, anyObject).catch((error: unknown) => {
    if (error instanceof Refusal && error.reason === 'malformed_request')
      throw invalid('must be a JSON object')
    throw error
  })
  if (sent['software_statement'] !== undefined) throw new Refusal('software_statement_unsupported')
  return sent
}

/** The same table as for a client that an operator registers. Refuses `redirect_uri_invalid`, `client_metadata_invalid`. */
function readInput(sent: Sent, bounds: RegistrationBounds, standing: Client | undefined): ClientInput {
  const described = describedByItself(sent, bounds, standing)
  if ('faults' in described) throw invalid(...described.faults)
  try {
    return parseClient(described.input)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw invalid(...(error.detail['faults'] as string[]).map(inTheirNames))
  }
}

function invalid(...faults: string[]): Refusal {
  const ofAddresses = faults.every((fault) => fault.startsWith('redirect_uris'))
  return new Refusal(ofAddresses ? 'redirect_uri_invalid' : 'client_metadata_invalid', { faults })
}

const ours = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

/** RFC 7592 §2.2: what names the client is there and true, and what only we say is not. Refuses `client_metadata_invalid`. */
function checkOwn({ primitives }: Services, client: Client, sent: Sent): void {
  const { client_id: id, client_secret: secret } = sent
  const faults = ours.filter((member) => member in sent).map((member) => `${member}: must be left out`)
  if (id !== client.id) faults.push('client_id: must be the one that was issued')
  const known =
    typeof secret === 'string' &&
    primitives.equal(utf8(hashSecret(primitives, secret)), utf8(client.secretHash ?? ''))
  if (secret !== undefined && !known) faults.push('client_secret: must be the one that was issued')
  if (faults.length > 0) throw invalid(...faults)
}

/** RFC 7591 §3.2.1, RFC 7592 §3. */
const answerOf = ({ config }: Services, client: Client, token: string): Record<string, unknown> => ({
  ...metadataOf(client),
  registration_access_token: token,
  registration_client_uri: `${config.issuer}${paths.register}/${client.id}`,
})

/** It does not expire (§3.2.1: 0). */
const secretOf = (secret: string) => ({ client_secret: secret, client_secret_expires_at: 0 })
