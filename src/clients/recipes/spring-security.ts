/** Spring Security 7 (Spring Boot 4), as properties: PKCE is on by itself there; before, a bean has to ask for it. */

import type { App, Target } from './recipe.ts'
import { propertyValue } from './quoting.ts'

const callback = /\/login\/oauth2\/code\/([A-Za-z0-9_-]+)$/

export const springSecurity: Target = {
  name: 'spring-security',
  title: 'Spring Security',
  file: 'application.properties',
  can: {
    authentication: ['client_secret_basic', 'client_secret_post', 'none'],
    kinds: ['people'],
    resource: true,
    returnsTo: { pattern: callback, form: '…/login/oauth2/code/garde' },
    idTokenAlgorithms: ['RS256'],
    // Placeholders, and the templates of return addresses.
    cannotHold: /[{}]/,
  },
  write: (app) => {
    const registration = `spring.security.oauth2.client.registration.${name(app)}`
    const provider = `spring.security.oauth2.client.provider.${name(app)}`
    const { issuer, endpoints } = app.server
    const query = app.resource && `?${new URLSearchParams({ resource: app.resource }).toString()}`
    const authorize = `${issuer}${endpoints.authorize}${query}`
    return `# Spring Boot 4 (Spring Security 7) sends PKCE by itself. On 6.5, register the client in Java instead, with
# ClientSettings.builder().requireProofKey(true): Garde accepts no code without it.
${lines({
  [`${registration}.client-id`]: app.client.id,
  ...(app.authentication !== 'none' && { [`${registration}.client-secret`]: placeholder }),
  [`${registration}.client-authentication-method`]: app.authentication,
  [`${registration}.authorization-grant-type`]: 'authorization_code',
  [`${registration}.redirect-uri`]: app.redirectUri,
  [`${registration}.scope`]: app.scope.replaceAll(' ', ','),
  [`${provider}.issuer-uri`]: issuer,
  [`${provider}.authorization-uri`]: authorize,
  [`${provider}.user-name-attribute`]: 'sub',
})}`
  },
}

/** Read from the environment when the program starts. */
const placeholder = '${GARDE_CLIENT_SECRET}'

const lines = (properties: Record<string, string>): string =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value === placeholder ? value : propertyValue(value)}\n`)
    .join('')

const name = ({ redirectUri }: App): string => callback.exec(redirectUri)?.[1] ?? ''
