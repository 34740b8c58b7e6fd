/** Apache with mod_auth_openidc signs a practitioner in by Garde, lets them out, and hears that they left elsewhere. */

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { deliverDue } from '../../src/deliveries/deliver.ts'
import { signOut } from '../../src/people/disown.ts'
import { hasApache, startApache, type Apache } from '../support/apache.ts'
import { oauthHouse, type Browser, type OauthHouse } from '../support/oauth.ts'
import { freePort } from '../support/postgres.ts'
import { loopbackOutbound } from '../support/relying-party.ts'

// It comes with Debian and not with the registry: `npm test` must not need it.
if (!hasApache)
  console.warn('skipped: mod_auth_openidc (apt-get install apache2-bin libapache2-mod-auth-openidc)')

describe.skipIf(!hasApache)('mod_auth_openidc', () => {
  let house: OauthHouse
  let apache: Apache
  beforeAll(async () => {
    house = await oauthHouse()
    const port = await freePort()
    const callback = `http://localhost:${port}/private/callback`
    const { secret = '' } = await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'apache',
        name: 'Intranet',
        profile: 'web-confidential',
        firstParty: true,
        redirectUris: [callback],
        postLogoutRedirectUris: [`http://localhost:${port}/bye`],
        scopes: ['openid', 'profile'],
        options: { backchannelLogoutUri: `${callback}?logout=backchannel` },
      }),
    )
    apache = await startApache(port, {
      OIDCProviderMetadataURL: `${house.issuer}/.well-known/openid-configuration`,
      OIDCClientID: 'apache',
      OIDCClientSecret: secret,
      OIDCRedirectURI: callback,
      OIDCCryptoPassphrase: 'nothing but a test',
      OIDCPKCEMethod: 'S256',
      OIDCScope: 'openid profile',
      OIDCPassClaimsAs: 'environment',
    })
  })
  afterAll(async () => {
    await apache.close()
    await house.close()
  })

  /** What this person's browser keeps of Apache's. Never follows. */
  function visitor(): (address: string) => Promise<IncomingMessage> {
    const cookies = new Map<string, string>()
    return async (address) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      // Not fetch: it says of itself that it does not navigate, and is sent nowhere then.
      const asked = get(new URL(address, apache.origin), { headers: { cookie, accept: 'text/html' } })
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      return answer
    }
  }

  const location = (answer: IncomingMessage): string => answer.headers.location ?? ''

  async function signedIn(): Promise<{
    visit: ReturnType<typeof visitor>
    browser: Browser
    session: Awaited<ReturnType<Browser['signIn']>>
  }> {
    const visit = visitor()
    const browser = house.browser()
    const session = await browser.signIn()
    const asked = location(await visit('/private/page'))
    expect(asked, apache.log()).toContain(`${house.issuer}/oauth/authorize?`)
    const { left } = await browser.follow(asked)
    expect(location(await visit(left?.href ?? '')), apache.log()).toBe(`${apache.origin}/private/page`)
    return { visit, browser, session }
  }

  test('the page is for who signed in, with the claims of the ID token and of userinfo', async () => {
    const { visit, session } = await signedIn()
    const page = await visit('/private/page')
    expect(page.statusCode, apache.log()).toBe(200)
    expect(page.headers['x-sub']).toBe(house.person.id)
    expect(page.headers['x-sid']).toBe(session.id)
    expect(page.headers['x-name']).toBe('Anne Martin')
    expect((await visitor()('/private/page')).statusCode).toBe(302)
  })

  test('RP-Initiated Logout: leaving there leaves Garde too', async () => {
    const { visit, browser } = await signedIn()
    const out = location(
      await visit(`/private/callback?logout=${encodeURIComponent(`${apache.origin}/bye`)}`),
    )
    expect(out).toContain(`${house.issuer}/oauth/logout?`)
    const { left } = await browser.follow(out)
    expect(left?.href).toBe(`${apache.origin}/bye`)
    expect((await visit('/private/page')).statusCode).toBe(302)
    expect((await browser.follow(location(await visit('/private/page')))).left?.pathname).toBe('/signin')
  })

  test('Back-Channel Logout: leaving Garde ends the session there', async () => {
    const { visit, session } = await signedIn()
    const { visit: other } = await signedIn()
    await signOut(house.services, session, house.head())
    await deliverDue({ ...house.services, outbound: loopbackOutbound })
    expect((await visit('/private/page')).statusCode, apache.log()).toBe(302)
    expect((await other('/private/page')).statusCode).toBe(200)
  })
})
