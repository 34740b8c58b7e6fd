/** A client that signs: its keys, its assertions (RFC 7523), its authorization requests (RFC 9101). */

import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { callback, challenge, type OauthHouse } from './oauth.ts'

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export interface ClientKey {
  kid: string
  alg: string
  jwk: JWK
  privateKey: CryptoKey
}

export async function clientKey(kid: string, alg = 'ES256'): Promise<ClientKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, jwk: { ...(await exportJWK(publicKey)), kid }, privateKey }
}

/** `undefined` leaves a claim out. */
export interface JwtChanges {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

const signed = (key: ClientKey, claims: Record<string, unknown>, header: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey)

type House = Pick<OauthHouse, 'clock' | 'issuer'>

export const signAssertion = (
  { clock, issuer }: House,
  key: ClientKey,
  client: string,
  { claims = {}, header = {} }: JwtChanges = {},
): Promise<string> => {
  const at = clock.now()
  const said = { iss: client, sub: client, aud: issuer, exp: at + 60, iat: at, jti: crypto.randomUUID() }
  return signed(key, { ...said, ...claims }, header)
}

export const signRequest = (
  { clock, issuer }: House,
  key: ClientKey,
  client: string,
  { claims = {}, header = {} }: JwtChanges = {},
): Promise<string> => {
  const at = clock.now()
  const said = {
    iss: client,
    aud: issuer,
    exp: at + 60,
    nbf: at,
    iat: at,
    jti: crypto.randomUUID(),
    client_id: client,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 's1',
  }
  return signed(key, { ...said, ...claims }, { typ: 'oauth-authz-req+jwt', ...header })
}
