import { afterAll, beforeAll, expect, test } from 'vitest'
import { audience, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import { saveResource } from '../resources/store.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

const intranet = {
  id: 'intranet',
  name: 'Intranet',
  profile: 'smart-public',
  firstParty: true,
  redirectUris: ['http://127.0.0.1/callback'],
  scopes: ['openid', 'profile', 'offline_access'],
}
const as = { client_id: 'intranet', scope: 'openid profile offline_access' }
const save = (more: object = {}) =>
  saveClient(house.services, house.head(), parseClient({ ...intranet, ...more }))

test('a client of no resource signs people in, and its tokens are for userinfo alone', async () => {
  await save()
  const { body } = await house.exchange(await house.code(as), { client_id: 'intranet' })
  const token = body.access_token ?? ''
  const { issuer, clock, services, person } = house
  expect(await services.keys.verify(token, issuer, clock.now())).toMatchObject({ aud: issuer })
  await expect(services.keys.verify(token, audience, clock.now())).rejects.toMatchObject({
    reason: 'token_audience',
  })
  const headers = { authorization: `Bearer ${token}` }
  const told = await fetch(`${issuer}/oauth/userinfo`, { headers })
  expect(await told.json()).toMatchObject({ sub: person.id, name: 'Anne Martin' })
  const renewed = await house.refresh(body.refresh_token, { client_id: 'intranet' })
  expect(renewed.status).toBe(200)

  // It gets a resource: what it was granted before was not for that one.
  await save({ resources: [audience] })
  const later = await house.refresh(renewed.body.refresh_token, { client_id: 'intranet' })
  expect(later.body.error).toBe('invalid_target')
})

test('RFC 8707 §2: a client of no resource reaches none by naming it', async () => {
  await save()
  await house.code({ ...as, resource: audience })
  expect(house.reason()).toBe('resource_unknown')
})

test('an API that takes our own name gets no tokens of clients that only sign people in', async () => {
  await save()
  await saveResource(house.services, house.head(), {
    kind: 'fhir',
    name: 'impostor',
    audience: house.issuer,
    base: '/impostor',
    upstream: 'http://127.0.0.1:9',
  })
  await house.code(as)
  expect(house.reason()).toBe('resource_unknown')
})
