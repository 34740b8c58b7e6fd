import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { expect, test } from 'vitest'
import { createAuthenticator } from './authenticator.ts'

const origin = 'http://localhost:4800'
const rpID = 'localhost'

const creation = () =>
  generateRegistrationOptions({ rpName: 'Garde', rpID, userName: 'a.martin@example.org' })

async function registered() {
  const device = createAuthenticator({ origin, backedUp: true })
  const options = await creation()
  const { registrationInfo } = await verifyRegistrationResponse({
    response: device.create(options),
    expectedChallenge: options.challenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
  })
  if (!registrationInfo) throw new Error('not verified')
  return { device, registrationInfo, options }
}

test('its registration and its assertion verify, after its credentials went through JSON', async () => {
  const { device, registrationInfo } = await registered()
  expect(registrationInfo).toMatchObject({ credentialBackedUp: true, userVerified: true })
  const kept = JSON.parse(JSON.stringify(device.credentials())) as ReturnType<typeof device.credentials>
  const request = await generateAuthenticationOptions({ rpID, userVerification: 'required' })
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: createAuthenticator({ origin, credentials: kept }).get(request),
    expectedChallenge: request.challenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    credential: registrationInfo.credential,
  })
  expect(verified).toBe(true)
  expect(authenticationInfo.newCounter).toBe(1)
})

test('refuses as a browser does: another site, a known device, no fitting passkey', async () => {
  const { device, options } = await registered()
  const excludeCredentials = device.credentials().map(({ id }) => ({ id, type: 'public-key' as const }))
  expect(() => device.create({ ...options, excludeCredentials })).toThrow('already registered')
  expect(() => device.create({ ...options, rp: { name: 'x', id: 'elsewhere.example' } })).toThrow('RP id')
  expect(() => createAuthenticator({ origin }).get({ challenge: 'AAAA', rpId: rpID })).toThrow('no passkey')
})
