/** A client that signs: its keys, its assertions (RFC 7523), its authorization requests (RFC 9101). */

import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { callback, challenge, present, verifier, type Changes, type OauthHouse } from './oauth.ts'

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

/** What such a client does: pushes, is sent back, redeems. Each call proves itself by an assertion of its own. */
export function signingClient(
  house: OauthHouse,
  { id, key, redirectUri = callback }: { id: string; key: ClientKey; redirectUri?: string },
) {
  const proven = async (changes: JwtChanges = {}) => ({
    client_assertion_type: assertionType,
    client_assertion: await signAssertion(house, key, id, changes),
  })
  const plain = {
    client_id: id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 's1',
  }
  return {
    id,
    /** `undefined` leaves a parameter out; `assertion` changes how it proves itself. */
    async push(changes: Changes = {}, headers: Record<string, string> = {}, assertion?: JwtChanges) {
      const fields = { ...plain, ...(await proven(assertion)), ...changes }
      const answer = await fetch(`${house.issuer}/oauth/par`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(present(fields)).toString(),
      })
      const body = (await answer.json()) as { request_uri?: string; expires_in?: number; error?: string }
      return { status: answer.status, headers: answer.headers, body, name: body.request_uri ?? '' }
    },
    /** A signed-in browser brings this, beside the client's id; where it is then sent, if anywhere. */
    async arrive(fields: Record<string, string>) {
      const browser = house.browser()
      await browser.signIn()
      const query = new URLSearchParams({ client_id: id, ...fields })
      const answer = await browser.open(`/oauth/authorize?${query.toString()}`)
      const location = answer.headers.get('location')
      const back = location === null ? undefined : new URL(location)
      return { status: answer.status, back, code: back?.searchParams.get('code') ?? '' }
    },
    async exchange(code: string, changes: Changes = {}, headers: Record<string, string> = {}) {
      const fields = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...(await proven()),
        client_id: undefined,
        ...changes,
      }
      return house.token(fields, headers)
    },
    async refresh(token: string | undefined, headers: Record<string, string> = {}) {
      const fields = { grant_type: 'refresh_token', refresh_token: token, client_id: undefined }
      return house.token({ ...fields, ...(await proven()) }, headers)
    },
  }
}
