/**
 * node-oidc-provider with its in-memory adapter and its development interactions: ES256 for access tokens (JWT, by
 * resource indicators) and ID tokens, refresh tokens rotated, as Garde does.
 */

import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider, type Configuration } from 'oidc-provider'
import { freePort } from '../../support/postgres.ts'
import { audience, clientId, redirectUri, type PeerTold } from './subject.ts'

const secret = 'of-the-bench-and-nobody-else-0123456789'
const { privateKey } = await generateKeyPair('ES256', { extractable: true })

const configuration: Configuration = {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256' }] },
  cookies: { keys: ['of the bench'] },
  clients: [
    {
      client_id: clientId,
      client_secret: secret,
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: 'ES256',
      scope: 'openid offline_access records.read',
    },
  ],
  scopes: ['openid', 'offline_access', 'records.read'],
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'records.read',
        audience,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { required: () => true },
  ttl: {
    AccessToken: 300,
    ClientCredentials: 300,
    IdToken: 300,
    Interaction: 900,
    Session: 43_200,
    Grant: 43_200,
    RefreshToken: 43_200,
  },
}

console.warn = () => {} // its notices for those who would run it in production
const port = await freePort()
const provider = new Provider(`http://localhost:${port}`, configuration)
provider.on('server_error', (_ctx, error) => console.error(error))
const server = createServer(provider.callback() as Parameters<typeof createServer>[1] & {})
await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
process.on('disconnect', () => process.exit(0))
process.send?.({ port, secret } satisfies PeerTold & { port: number })
