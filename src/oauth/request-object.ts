/**
 * An authorization request that its client signed: RFC 9101, FAPI 2.0 Message Signing §5.3. What stands inside is the whole
 * request; nothing beside it counts. The bounds on its life are asked of every client, so that its `jti` can be remembered.
 */

import { z } from 'zod'
import type { Client } from '../clients/client.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Services } from '../services.ts'
import { takeOnce } from '../tokens/taken-store.ts'
import { requestParameters } from './accepted.ts'
import type { Fields } from './fields.ts'
import { openSigned, readClaims } from './signed-by-client.ts'

/** §10.8: explicit, or none, which RFC 7515 also writes as `JWT`. */
const types = [undefined, 'jwt', 'oauth-authz-req+jwt']
const maximumCharacters = 10_000
/** FAPI 2.0 Message Signing §5.3.1-3, -4: `nbf` no older than this, `exp` no further from it. */
const lifeSeconds = 3600
/** As for assertions: a clock 10 s ahead is accepted, one over 60 s refused. */
const aheadSeconds = 60
/** Another node may be behind the one that took it. */
const skewSeconds = 60

const shape = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string()).max(5)]),
  client_id: z.string(),
  exp: z.number(),
  nbf: z.number(),
  jti: z.string().min(1).max(256).optional(),
  // §4: none within another. §10.8: a subject would make it pass for a client's assertion.
  request: z.undefined().optional(),
  request_uri: z.undefined().optional(),
  sub: z.undefined().optional(),
})
type Claims = z.output<typeof shape>

/** The parameters inside. One with a `jti` is taken once. Refuses `request_object_invalid`; the detail says which claim. */
export async function openRequestObject(
  { clientKeys, config, db, primitives, clock }: Services,
  client: Client,
  object: string,
): Promise<Fields> {
  const refuse = (fault: string): never => {
    throw new Refusal('request_object_invalid', { client: client.id, fault })
  }
  const signed = await openSigned(clientKeys, client, object, maximumCharacters)
  if ('fault' in signed) return refuse(signed.fault)
  if (!types.includes(mediaType(signed.typ))) return refuse('typ')
  const said = readClaims(signed.payload)
  const claims = shape.safeParse(said).data
  if (!said || !claims) return refuse('claims')
  const fault = faultOf(claims, client, config.issuer, clock.now())
  if (fault) return refuse(fault)
  const parameters = parametersIn(said) ?? refuse('parameters')
  const { jti, exp } = claims
  const hash = jti !== undefined && primitives.digest(JSON.stringify([client.id, jti]))
  if (hash && !(await takeOnce(db, 'request-object', hash, Math.ceil(exp) + skewSeconds)))
    return refuse('jti taken')
  return parameters
}

/** RFC 7515 §4.1.9: `application/` may be left out, and capitals mean nothing. */
const mediaType = (typ: string | undefined): string | undefined =>
  typ?.toLowerCase().replace(/^application\//, '')

function faultOf(
  { iss, client_id: id, aud, exp, nbf }: Claims,
  client: Client,
  issuer: string,
  now: Seconds,
): string | undefined {
  if (iss !== client.id) return 'iss'
  if (id !== client.id) return 'client_id'
  if (typeof aud === 'string' ? aud !== issuer : !aud.includes(issuer)) return 'aud'
  if (nbf > now + aheadSeconds) return 'not yet valid'
  if (nbf < now - lifeSeconds) return 'nbf'
  return exp <= now || exp - nbf > lifeSeconds ? 'exp' : undefined
}

/** SMART's `aud` cannot stand there: it is the object's own audience. `resource` says the same (RFC 8707). */
const inside = requestParameters.filter((name) => name !== 'aud')

/** As the same parameters would stand in an address; undefined where one has another type. */
function parametersIn(said: Record<string, unknown>): Fields | undefined {
  const fields: Record<string, string> = {}
  for (const name of inside) {
    if (said[name] === undefined) continue
    const value = asText(name, said[name])
    if (value === undefined) return undefined
    fields[name] = value
  }
  return fields
}

/** OpenID Connect Core §6.1: `max_age` is a number there, `claims` an object. */
function asText(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? undefined : value
  if (name === 'max_age' && Number.isSafeInteger(value)) return String(value)
  return name === 'claims' && typeof value === 'object' ? JSON.stringify(value) : undefined
}
