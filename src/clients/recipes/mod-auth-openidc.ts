/** Apache's mod_auth_openidc 2.4: directives of a virtual host. */

import type { App, Target } from './recipe.ts'
import { apacheQuoted } from './quoting.ts'

export const modAuthOpenidc: Target = {
  name: 'mod-auth-openidc',
  title: 'mod_auth_openidc',
  file: 'garde.conf',
  can: {
    authentication: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    kinds: ['people'],
    dpop: true,
    pushed: true,
    resource: true,
    idTokenAlgorithms: ['RS256', 'ES256'],
    // Apache puts variables in, quotes or not; and a query parameter `=#` is one of the module's.
    cannotHold: /[$%]\{/,
  },
  refuses: ({ scope }) => (scope.split(' ').includes('openid') ? undefined : 'needsOpenid'),
  write: (app) => `# a2enmod auth_openidc
OIDCProviderMetadataURL ${apacheQuoted(`${app.server.issuer}/.well-known/openid-configuration`)}
OIDCClientID ${apacheQuoted(app.client.id)}
${proof(app)}OIDCRedirectURI ${apacheQuoted(app.redirectUri)}
OIDCScope ${apacheQuoted(app.scope)}
${app.resource && `OIDCAuthRequestParams ${apacheQuoted(new URLSearchParams({ resource: app.resource }).toString())}\n`}OIDCResponseType code
OIDCPKCEMethod S256
OIDCIDTokenSignedResponseAlg ${app.idTokenAlgorithm}
OIDCProviderTokenEndpointAuth ${app.authentication}
${app.pushed ? 'OIDCProviderAuthRequestMethod PAR\n' : ''}${app.dpop ? 'OIDCDPoPMode required\n' : ''}OIDCRemoteUserClaim sub
# One server; several need the same passphrase.
OIDCCryptoPassphrase "exec:/usr/bin/openssl rand -hex 32"

<Location "/">
  AuthType openid-connect
  Require valid-user
</Location>
`,
}

const keys = `OIDCPrivateKeyFiles "/etc/apache2/garde-private-key.pem"
OIDCPublicKeyFiles "/etc/apache2/garde-public-key.pem"
`

const proof = ({ authentication, dpop }: App): string =>
  [
    authentication.startsWith('client_secret')
      ? 'OIDCClientSecret "exec:/bin/cat /etc/apache2/garde-client-secret"\n'
      : '',
    authentication === 'private_key_jwt' || dpop ? keys : '',
  ].join('')
