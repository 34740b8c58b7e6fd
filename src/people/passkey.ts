/**
 * WebAuthn Level 3 §7.1 and §7.2 by @simplewebauthn/server; this is its only owner. Discoverable, user verification
 * always required, origin and RP id from configuration, no attestation asked for.
 */

import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { z } from 'zod'
import type { EventHead, Holder } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { base64url, fromBase64url, text, utf8 } from '../core/bytes.ts'
import { mintId, type CredentialId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { refuseDuplicate } from '../db/unique.ts'
import type { Amr } from '../tokens/claims.ts'
import { mintChallenge, takeChallenge, type Purpose } from './challenge.ts'
import { findHolder, type HolderCard } from './holder.ts'
import type { Needs } from './needs.ts'
import { notify } from './notice-store.ts'
import { advanceCounter, findByCredential, insertPasskey, listPasskeyRows } from './passkey-store.ts'
import { labelOf } from './passkey-label.ts'
import { reportCounter, reportFailure } from './passkey-report.ts'
import type { Proof } from './session.ts'

/** 293 modules and 0.2 s that the start does not wait for; the first ceremony does, once. */
const webauthn = () => import('@simplewebauthn/server')

export interface Passkey {
  id: CredentialId
  /** The authenticator's credential id, base64url. */
  credential: string
  holder: Holder
  publicKey: Uint8Array<ArrayBuffer>
  thumbprint: string
  counter: number
  aaguid: string
  transports: string[]
  backupEligible: boolean
  backedUp: boolean
  label: string
  createdAt: Seconds
  lastUsedAt?: Seconds
}

/** EdDSA, ES256, RS256 (COSE numbers). */
const algorithms = [-8, -7, -257]

const base64urlText = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(20_000)
const common = {
  id: base64urlText.max(1400),
  rawId: base64urlText.max(1400),
  type: z.literal('public-key'),
  authenticatorAttachment: z
    .enum(['platform', 'cross-platform'])
    .nullish()
    .transform((v) => v ?? undefined),
  clientExtensionResults: z.looseObject({}).default({}),
}
const registrationShape = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64urlText,
    attestationObject: base64urlText,
    transports: z.array(z.string().max(20)).max(10).default([]),
  }),
})
const assertionShape = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64urlText,
    authenticatorData: base64urlText,
    signature: base64urlText,
    userHandle: z
      .string()
      .max(100)
      .nullish()
      .transform((v) => v ?? undefined),
  }),
})

export async function registrationOptions(
  needs: Needs,
  card: HolderCard,
  browserHash: string,
  purpose: Purpose,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const challenge = await mintChallenge(needs, { ceremony: 'registration', browserHash, purpose })
  const { generateRegistrationOptions } = await webauthn()
  return generateRegistrationOptions({
    rpName: 'Garde',
    rpID: needs.config.rpId,
    userName: card.email,
    userDisplayName: card.name,
    userID: utf8(card.holder.id),
    challenge: fromBase64url(challenge),
    attestationType: 'none',
    excludeCredentials: await descriptors(needs, card.holder),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  })
}

export interface Registered {
  credential: string
  publicKey: Uint8Array<ArrayBuffer>
  counter: number
  aaguid: string
  transports: string[]
  backupEligible: boolean
  backedUp: boolean
}

/** Takes the challenge and verifies. Refuses `malformed_request`, `challenge_invalid`, `passkey_invalid`. */
export async function verifyRegistration(
  needs: Needs,
  answer: unknown,
  browserHash: string,
  purpose: Purpose,
): Promise<Registered> {
  const response = parse(registrationShape, answer)
  const challenge = await takeAnswered(needs, response.response.clientDataJSON, {
    ceremony: 'registration',
    browserHash,
    purpose,
  })
  const { verifyRegistrationResponse } = await webauthn()
  const { registrationInfo: info } = await orInvalid(() =>
    verifyRegistrationResponse({
      response: response,
      expectedChallenge: challenge,
      expectedOrigin: needs.config.issuer,
      expectedRPID: needs.config.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    }),
  )
  if (!info) throw new Refusal('passkey_invalid', { ceremony: 'registration' })
  return {
    credential: info.credential.id,
    publicKey: Uint8Array.from(info.credential.publicKey),
    counter: info.credential.counter,
    aaguid: info.aaguid,
    transports: response.response.transports,
    backupEligible: info.credentialDeviceType === 'multiDevice',
    backedUp: info.credentialBackedUp,
  }
}

/** In the caller's transaction. Refuses `passkey_known`: credential ids are unique across everybody. */
export async function keepPasskey(
  needs: Pick<Needs, 'primitives'>,
  db: Db,
  holder: Holder,
  registered: Registered,
  userAgent: string,
  head: EventHead,
): Promise<Passkey> {
  const passkey: Passkey = {
    id: mintId('credential'),
    holder,
    ...registered,
    thumbprint: base64url(needs.primitives.sha256(registered.publicKey)),
    label: labelOf(registered.aaguid, userAgent),
    createdAt: head.at,
  }
  await refuseDuplicate('passkey_known', () => insertPasskey(db, passkey))
  await record(db, {
    ...head,
    kind: 'credential.added',
    holder,
    credential: passkey.id,
    factor: 'passkey',
    aaguid: passkey.aaguid,
  })
  await notify(db, holder, head.at, 'passkey-added', { label: passkey.label })
  return passkey
}

/** For sign-in nobody is named: whoever holds a passkey of this site answers. For the rest, the holder's own are. */
export async function assertionOptions(
  needs: Needs,
  browserHash: string,
  purpose: Purpose,
  holder?: Holder,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const challenge = await mintChallenge(needs, { ceremony: 'authentication', browserHash, purpose })
  const { generateAuthenticationOptions } = await webauthn()
  return generateAuthenticationOptions({
    rpID: needs.config.rpId,
    challenge: fromBase64url(challenge),
    userVerification: 'required',
    timeout: 300_000,
    ...(holder && { allowCredentials: await descriptors(needs, holder) }),
  })
}

/**
 * Takes the challenge, verifies, moves the counter. Refuses `malformed_request`, `challenge_invalid`, `passkey_unknown`
 * (also for a disabled holder, or not `holder`'s), `passkey_invalid` (also when the counter went back, which is reported).
 */
export async function verifyAssertion(
  needs: Needs,
  answer: unknown,
  browserHash: string,
  purpose: Purpose,
  head: EventHead,
  holder?: Holder,
): Promise<Proof & { holder: Holder; card: HolderCard }> {
  const response = parse(assertionShape, answer)
  const binding = { ceremony: 'authentication', browserHash, purpose } as const
  const challenge = await takeAnswered(needs, response.response.clientDataJSON, binding)
  const passkey = await findByCredential(needs.db, response.id)
  const card = passkey && (await findHolder(needs, passkey.holder))
  if (!passkey || !card || card.disabled || (holder && holder.id !== passkey.holder.id))
    throw new Refusal('passkey_unknown', { credential: passkey?.id })
  try {
    await verifyWith(needs, passkey, response, challenge)
  } catch (error) {
    if (error instanceof Refusal) await reportFailure(needs, passkey, head)
    throw error
  }
  const { backedUp, counter } = readAuthenticatorData(response.response.authenticatorData)
  if (!(await advanceCounter(needs.db, passkey.id, counter, backedUp, head.at))) {
    await reportCounter(needs, passkey, counter, head)
    throw new Refusal('passkey_invalid', { credential: passkey.id, counter, kept: passkey.counter })
  }
  return {
    holder: passkey.holder,
    card,
    credential: passkey.id,
    acr: 'garde:passkey',
    amr: amrOf(passkey),
  }
}

/** RFC 8176. Without attestation nothing proves hardware, so `hwk` is never claimed; a synced key is a software key. */
const amrOf = ({ backupEligible }: Passkey): Amr[] => [
  ...(backupEligible ? (['swk'] as const) : []),
  'user',
  'mfa',
  'phr',
]

async function verifyWith(
  needs: Needs,
  passkey: Passkey,
  response: AuthenticationResponseJSON,
  challenge: string,
): Promise<void> {
  const handle = response.response.userHandle
  if (handle !== undefined && handle !== base64url(utf8(passkey.holder.id)))
    throw new Refusal('passkey_invalid', { credential: passkey.id, fault: 'user handle' })
  const { verifyAuthenticationResponse } = await webauthn()
  const { verified } = await orInvalid(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: needs.config.issuer,
      expectedRPID: needs.config.rpId,
      requireUserVerification: true,
      // The counter is compared by us after the signature, in the statement that moves it.
      credential: { id: passkey.credential, publicKey: passkey.publicKey, counter: 0 },
    }),
  )
  if (!verified) throw new Refusal('passkey_invalid', { credential: passkey.id, fault: 'signature' })
}

/** §6.1: flags at byte 32, counter at 33 to 36. Only after verification. */
function readAuthenticatorData(value: string): { backedUp: boolean; counter: number } {
  const bytes = fromBase64url(value)
  return {
    backedUp: ((bytes[32] ?? 0) & 0x10) !== 0,
    counter: new DataView(bytes.buffer).getUint32(33),
  }
}

/** The answer names its challenge; it counts only if it can be taken. Framed answers (§13.4.2) are none. */
async function takeAnswered(
  needs: Needs,
  clientDataJSON: string,
  binding: Parameters<typeof takeChallenge>[2],
): Promise<string> {
  const { challenge, crossOrigin } = readClientData(clientDataJSON)
  if (crossOrigin) throw new Refusal('challenge_invalid', { fault: 'cross-origin' })
  await takeChallenge(needs, challenge, binding)
  return challenge
}

const clientDataShape = z.object({ challenge: base64urlText, crossOrigin: z.boolean().default(false) })

function readClientData(value: string): z.output<typeof clientDataShape> {
  let data: unknown
  try {
    data = JSON.parse(text(fromBase64url(value)))
  } catch {
    throw new Refusal('malformed_request', { fault: 'clientDataJSON' })
  }
  return parse(clientDataShape, data)
}

/** The library throws plain errors that say what was expected: that is detail of one refusal. */
async function orInvalid<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    throw new Refusal('passkey_invalid', { fault: error instanceof Error ? error.message : 'unreadable' })
  }
}

/** The library wants what browsers call transports; ours were checked to be short strings. */
async function descriptors(needs: Pick<Needs, 'db'>, holder: Holder) {
  return (await listPasskeyRows(needs.db, holder)).map(({ credential, transports }) => ({
    id: credential,
    transports,
  }))
}
