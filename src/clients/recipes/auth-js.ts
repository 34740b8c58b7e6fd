/** Auth.js (next-auth 5, @auth/core): one provider of type `oidc`. */

import type { App, Target } from './recipe.ts'
import { quoted } from './quoting.ts'

const callback = /\/callback\/([A-Za-z0-9_-]+)$/

export const authJs: Target = {
  name: 'auth-js',
  title: 'Auth.js',
  file: 'auth.ts',
  can: {
    authentication: ['client_secret_basic', 'client_secret_post', 'none'],
    kinds: ['people'],
    resource: true,
    returnsTo: { pattern: callback, form: '…/api/auth/callback/garde' },
  },
  write: (app) => `// npm install next-auth@5
import NextAuth from 'next-auth'

export const { handlers, auth, signIn, signOut } = NextAuth({
  providers: [
    {
      // The return address ends with this name: /api/auth/callback/${name(app)}
      id: ${quoted(name(app))},
      name: 'Garde',
      type: 'oidc',
      issuer: ${quoted(app.server.issuer)},
      clientId: ${quoted(app.client.id)},${
        app.authentication === 'none' ? '' : '\n      clientSecret: process.env.AUTH_GARDE_SECRET,'
      }
      client: {
        token_endpoint_auth_method: ${quoted(app.authentication)},
        id_token_signed_response_alg: ${quoted(app.idTokenAlgorithm)},
      },
      checks: ['pkce', 'state', 'nonce'],
      authorization: {
        params: {
          scope: ${quoted(app.scope)},
${app.resource && `          resource: ${quoted(app.resource)},\n`}        },
      },
    },
  ],
})
`,
  refuses: ({ scope }) => (scope.split(' ').includes('openid') ? undefined : 'needsOpenid'),
}

const name = ({ redirectUri }: App): string => callback.exec(redirectUri)?.[1] ?? ''
