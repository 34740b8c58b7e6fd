/** A call through a gateway of its own with a token that the house gave, by a client that knows only the standards. */

import * as oauth from 'oauth4webapi'
import { gatewayWorld, issuer as origin } from './gateway.ts'
import { audience, type OauthHouse } from './oauth.ts'

type Fetched = (headers: Record<string, string>) => Promise<Response>

/** The gateway believes what the house's own keys say of the token. `of`: done with it, and with `call`. */
export async function throughGateway<T>(
  house: OauthHouse,
  token: string,
  of: (address: URL, call: Fetched) => Promise<T>,
): Promise<T> {
  house.catchUp()
  const claims = await house.services.keys.verify(token, audience, house.clock.now())
  const world = await gatewayWorld()
  try {
    // Its clock is where the house's is: the client's own.
    world.clock.advance(house.clock.now() - world.clock.now())
    world.token(token, { ...(claims.cnf && { cnf: claims.cnf }), exp: claims.exp })
    world.upstream.on('GET /api/agenda', { body: '{}' })
    return await of(new URL(`${origin}/records/agenda`), (headers) =>
      fetch(`${world.url}/records/agenda`, { headers }),
    )
  } finally {
    await world.close()
  }
}

/** With a proof, again with the gateway's nonce where it asks for one. */
export function callWithProof(house: OauthHouse, token: string, DPoP: oauth.DPoPHandle): Promise<Response> {
  return throughGateway(house, token, (address, call) => {
    const ask = () =>
      oauth.protectedResourceRequest(token, 'GET', address, undefined, undefined, {
        DPoP,
        [oauth.customFetch]: (_address, { headers }) => call(headers),
      })
    return ask().catch((error: unknown) => {
      if (oauth.isDPoPNonceError(error)) return ask()
      throw error
    })
  })
}
