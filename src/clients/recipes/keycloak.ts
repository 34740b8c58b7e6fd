/** Keycloak 26 as a broker: one identity provider, as its admin API and `kcadm.sh` take it. */

import type { App, Target } from './recipe.ts'

const callback = /\/realms\/[^/]+\/broker\/([A-Za-z0-9_-]+)\/endpoint$/

export const keycloak: Target = {
  name: 'keycloak',
  title: 'Keycloak',
  file: 'garde.json',
  can: {
    authentication: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    kinds: ['people'],
    returnsTo: { pattern: callback, form: '…/realms/REALM/broker/garde/endpoint' },
  },
  refuses: ({ authentication, client, scope }) =>
    authentication === 'private_key_jwt' && client.options.jwksUri === undefined
      ? 'needsKeyAddress'
      : scope.split(' ').includes('openid')
        ? undefined
        : 'needsOpenid',
  write: (app) => `${JSON.stringify(provider(app), null, 2)}\n`,
}

/** kcadm.sh create identity-provider/instances -r REALM -f garde.json; its settings are strings, all of them. */
function provider({ server: { issuer, endpoints }, client, redirectUri, authentication, scope }: App) {
  return {
    alias: callback.exec(redirectUri)?.[1] ?? '',
    displayName: 'Garde',
    providerId: 'oidc',
    enabled: true,
    config: {
      issuer,
      authorizationUrl: `${issuer}${endpoints.authorize}`,
      tokenUrl: `${issuer}${endpoints.token}`,
      userInfoUrl: `${issuer}${endpoints.userinfo}`,
      logoutUrl: `${issuer}${endpoints.logout}`,
      jwksUrl: `${issuer}${endpoints.jwks}`,
      useJwksUrl: 'true',
      validateSignature: 'true',
      clientId: client.id,
      clientAuthMethod: authentication,
      // From Keycloak's vault: nothing secret stands in this file.
      ...(authentication.startsWith('client_secret') && { clientSecret: '${vault.garde-client-secret}' }),
      defaultScope: scope,
      pkceEnabled: 'true',
      pkceMethod: 'S256',
      syncMode: 'IMPORT',
    },
  }
}
