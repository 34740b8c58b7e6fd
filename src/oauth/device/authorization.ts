/**
 * POST /oauth/device-authorization: RFC 8628 §3.1. A device without a browser asks for a code that somebody types
 * elsewhere. A proof of possession sent here binds what comes of it to that key (RFC 9449).
 */

import type { Context } from 'hono'
import type { Client } from '../../clients/client.ts'
import { profileRow } from '../../clients/profiles.ts'
import { isPatientScope, launchScopes } from '../../clients/scope.ts'
import { Refusal } from '../../core/refusal.ts'
import { hashSecret, mintSecret } from '../../core/secret.ts'
import type { Services } from '../../services.ts'
import { deviceSeconds, firstIntervalSeconds, paths, type OauthEnv } from '../accepted.ts'
import { readResource, readScopes } from '../authorize-request.ts'
import { fieldsOf, type Fields } from '../fields.ts'
import { slowStrangers } from '../par.ts'
import { proofOf, requireProof } from '../proof.ts'
import { authenticateThrottled } from '../token.ts'
import { insertDeviceRequest, type DeviceRequest } from './store.ts'
import { hashUserCode, mintUserCode } from './user-code.ts'

export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code'

/**
 * Refuses `client_unknown`, `client_authentication_failed`, `grant_type_not_allowed`, `scope_not_allowed`,
 * `resource_unknown`, `proof_…`, `slowed`.
 */
export const deviceAuthorization =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const client = await authenticateThrottled(services, c, fields)
    c.set('client', client)
    if (!client.grantTypes.includes(deviceGrantType))
      throw new Refusal('grant_type_not_allowed', { client: client.id })
    if (profileRow(client.profile).kind === 'public') await slowStrangers(services, c)
    const scope = deviceScope(client, fields)
    const resource = readResource(services, client, fields)
    const proof = await proofOf(c, services, paths.deviceAuthorization, client)
    if (client.options.dpopRequired) requireProof(client, proof)
    const jkt = proof?.jkt ?? null
    return c.json(await begin(services, client, { scope, resource, jkt, network: c.get('context').network }))
  }

/** No records application launches a device, and its page asks for no patient. Refuses `scope_not_allowed`. */
function deviceScope(client: Client, fields: Fields): string {
  const names = readScopes(client, fields)
  if (names.some((name) => isPatientScope(name) || launchScopes.some((launch) => launch === name)))
    throw new Refusal('scope_not_allowed', { client: client.id })
  return names.join(' ')
}

type Asked = Pick<DeviceRequest, 'scope' | 'resource' | 'jkt' | 'network'>

/** RFC 8628 §3.2. */
async function begin(services: Services, client: Client, asked: Asked): Promise<Record<string, unknown>> {
  const createdAt = services.clock.now()
  const deviceCode = mintSecret()
  const userCode = await keepUnderFreeCode(services, {
    ...asked,
    deviceCodeHash: hashSecret(services.primitives, deviceCode),
    client: client.id,
    createdAt,
    expiresAt: createdAt + deviceSeconds,
    intervalSeconds: firstIntervalSeconds,
  })
  const address = `${services.config.issuer}${paths.device}`
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: address,
    verification_uri_complete: `${address}?user_code=${userCode}`,
    expires_in: deviceSeconds,
    interval: firstIntervalSeconds,
  }
}

type Kept = Omit<Parameters<typeof insertDeviceRequest>[1], 'userCodeHash'>

async function keepUnderFreeCode(services: Services, request: Kept): Promise<string> {
  for (let drawn = 0; drawn < 5; drawn++) {
    const code = mintUserCode()
    if (await insertDeviceRequest(services.db, { ...request, userCodeHash: hashUserCode(services, code) }))
      return code
  }
  throw new Error('five user codes in a row were in use')
}
