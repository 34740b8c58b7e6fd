/** fhirclient 2 (SMART App Launch in the browser): the page that begins, and what stands where it comes back. */

import type { App, Target } from './recipe.ts'
import { quoted } from './quoting.ts'

export const fhirclient: Target = {
  name: 'fhirclient',
  title: 'fhirclient',
  file: 'launch.js',
  can: { authentication: ['none'], kinds: ['people'], resource: true, publicOnly: true },
  refuses: (app) => (fhirBase(app) === undefined ? 'notFhir' : undefined),
  write: (app) => `// npm install fhirclient@2
import FHIR from 'fhirclient'

/** Leaves the page for Garde. */
export const signIn = () =>
  FHIR.oauth2.authorize({
    iss: ${quoted(fhirBase(app) ?? '')},
    clientId: ${quoted(app.client.id)},
    scope: ${quoted(app.scope)},
    redirectUri: ${quoted(app.redirectUri)},
    pkceMode: 'required',
  })

/** On the page it comes back to: a client of the FHIR API, in the name of whoever signed in. */
export const comeBack = () => FHIR.oauth2.ready()
`,
}

/** It names the API by its address (SMART's \`aud\`), which must then be the audience. */
const fhirBase = ({ client, server }: App): string | undefined =>
  server.resources
    .filter(({ kind, audience }) => kind === 'fhir' && client.resources.includes(audience))
    .find(({ audience, base }) => audience === `${server.issuer}${base}`)?.audience
