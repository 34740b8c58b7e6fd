/** curl and a POSIX shell: to try out, and for scripts. Secrets come from the environment and stay off the process list. */

import type { App, Target } from './recipe.ts'
import { shellQuoted } from './quoting.ts'

export const curl: Target = {
  name: 'curl',
  title: 'curl',
  file: 'garde.sh',
  can: {
    authentication: ['none', 'client_secret_basic', 'client_secret_post'],
    kinds: ['people', 'services'],
    pushed: true,
    resource: true,
  },
  write: (app) => (app.service ? ownToken(app) : signIn(app)),
}

const at = ({ server }: App, path: string): string => shellQuoted(`${server.issuer}${path}`)

/** `--data-urlencode name=value` takes whatever stands behind the first equals sign as it is. */
const data = (name: string, value: string): string => `  --data-urlencode ${shellQuoted(`${name}=${value}`)}`
const computed = (name: string, variable: string): string => `  --data-urlencode "${name}=$${variable}"`

/** The last line of a call. A configuration on standard input is seen by nobody who lists processes. */
const proofs: Readonly<Record<string, (id: string) => string>> = {
  none: (id) => data('client_id', id),
  client_secret_basic: (id) => `  --config - <<END
user = "${id}:$GARDE_CLIENT_SECRET"
END`,
  client_secret_post: (id) => `${data('client_id', id)} \\
  --config - <<END
data-urlencode = "client_secret=$GARDE_CLIENT_SECRET"
END`,
}

const proof = ({ authentication, client }: App): string => proofs[authentication]?.(client.id) ?? ''

const head = ({ authentication }: App): string => `#!/bin/sh
set -eu
${authentication === 'none' ? '' : ': "${GARDE_CLIENT_SECRET:?put the client secret there}"\n'}`

const call = (app: App, path: string, parameters: string[]): string =>
  [`curl --silent --show-error --fail-with-body ${at(app, path)}`, ...parameters, proof(app)].join(' \\\n')

const ownToken = (app: App): string => `${head(app)}
${call(app, app.server.endpoints.token, [
  data('grant_type', 'client_credentials'),
  data('scope', app.scope),
  data('resource', app.resource),
])}
`

const random = "openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\\n'"

function signIn(app: App): string {
  const { authorize, pushed, token } = app.server.endpoints
  const { client, redirectUri, scope, resource } = app
  const request = { response_type: 'code', redirect_uri: redirectUri, scope, ...(resource && { resource }) }
  const fixed = new URLSearchParams({ client_id: client.id, ...request }).toString()
  return `${head(app)}
verifier=$(${random})
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr -d '=\\n')
state=$(${random})
${
  app.pushed
    ? `
pushed=$(${call(app, pushed, [
        ...Object.entries(request).map(([name, value]) => data(name, value)),
        data('code_challenge_method', 'S256'),
        computed('code_challenge', 'challenge'),
        computed('state', 'state'),
      ])}
)
request_uri=$(printf %s "$pushed" | sed -n 's/.*"request_uri":"\\([^"]*\\)".*/\\1/p')
address=${shellQuoted(`${app.server.issuer}${authorize}?${new URLSearchParams({ client_id: client.id }).toString()}`)}"&request_uri=$request_uri"`
    : `address=${shellQuoted(`${app.server.issuer}${authorize}?${fixed}&code_challenge_method=S256`)}"&code_challenge=$challenge&state=$state"`
}

printf 'Open this address, sign in, and paste the address you come back to:\\n%s\\n' "$address" >&2
IFS= read -r returned
code=$(printf %s "$returned" | sed -n 's/.*[?&]code=\\([A-Za-z0-9_-]*\\).*/\\1/p')
case $returned in
  *"state=$state"*) ;;
  *) echo 'The answer is to another request: state differs.' >&2; exit 1 ;;
esac

${call(app, token, [
  data('grant_type', 'authorization_code'),
  data('redirect_uri', redirectUri),
  computed('code', 'code'),
  computed('code_verifier', 'verifier'),
])}
`
}
