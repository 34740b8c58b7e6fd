/** oauth2-proxy 7, generic OpenID Connect provider, as its configuration file (TOML). */

import type { Target } from './recipe.ts'
import { quoted } from './quoting.ts'

export const oauth2Proxy: Target = {
  name: 'oauth2-proxy',
  title: 'oauth2-proxy',
  file: 'oauth2-proxy.cfg',
  can: {
    authentication: ['client_secret_basic', 'client_secret_post'],
    kinds: ['people'],
    returnsTo: { pattern: /\/oauth2\/callback$/, form: '…/oauth2/callback' },
  },
  refuses: ({ scope }) => (scope.split(' ').includes('openid') ? undefined : 'needsOpenid'),
  write: ({ server, client, redirectUri, scope }) => `# oauth2-proxy --config oauth2-proxy.cfg
provider = "oidc"
provider_display_name = "Garde"
oidc_issuer_url = ${quoted(server.issuer)}
client_id = ${quoted(client.id)}
client_secret_file = "/etc/oauth2-proxy/client-secret"
redirect_url = ${quoted(redirectUri)}
scope = ${quoted(scope)}
code_challenge_method = "S256"
insecure_oidc_skip_nonce = false
# Garde tells no address: people are known by their subject.
oidc_email_claim = "sub"
email_domains = ["*"]
# Made with: openssl rand -base64 32 | tr -- '+/' '-_'
cookie_secret = "put it here"
upstreams = ["http://127.0.0.1:8080/"]
`,
}
