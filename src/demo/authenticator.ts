/**
 * A passkey device in software (WebAuthn Level 3 §6), for the demo and for tests without a browser: ES256, discoverable,
 * user always verified, a counter, attestation `none`. It keeps the browser's half of the bargain too: origin and RP id
 * are compared as a browser would. Never part of what `npm start` runs.
 */

import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { cbor } from './cbor.ts'

/** One credential, as JSON: the demo writes it to a file. The private key is in it. */
export interface StoredCredential {
  /** base64url */
  id: string
  rpId: string
  /** base64url of WebAuthn's user.id */
  userHandle: string
  userName: string
  privateKey: JsonWebKey
  counter: number
}

export interface AuthenticatorOptions {
  /** What the browser would report: `http://localhost:4800`. */
  origin: string
  /** Credentials kept from an earlier run. */
  credentials?: StoredCredential[]
  aaguid?: string
  /** Says that it may be, and is, copied to other devices, like a phone's passkey. */
  backedUp?: boolean
  /** False: the user was present and not verified. */
  userVerified?: boolean
}

export interface Authenticator {
  /** What `navigator.credentials.create` answers. Throws where a browser would (origin, excludeCredentials). */
  create(options: PublicKeyCredentialCreationOptionsJSON): RegistrationResponseJSON
  /** What `navigator.credentials.get` answers; `credential` picks one when several fit, the newest otherwise. */
  get(
    options: PublicKeyCredentialRequestOptionsJSON,
    choice?: { credential?: string },
  ): AuthenticationResponseJSON
  /** Everything it knows, to be given back as `credentials`. */
  credentials(): StoredCredential[]
}

const zeroAaguid = '00000000-0000-0000-0000-000000000000'
const flag = { present: 0x01, verified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 }

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const kept: StoredCredential[] = structuredClone(options.credentials ?? [])
  const flags =
    flag.present |
    (options.userVerified === false ? 0 : flag.verified) |
    (options.backedUp ? flag.backupEligible | flag.backedUp : 0)
  const clientData = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: options.origin, crossOrigin: false }))

  return {
    create(request) {
      const rpId = requireRpId(options.origin, request.rp.id)
      const excluded = new Set(request.excludeCredentials?.map(({ id }) => id))
      if (kept.some((credential) => credential.rpId === rpId && excluded.has(credential.id)))
        throw new DOMException('this authenticator is already registered', 'InvalidStateError')
      if (!request.pubKeyCredParams.some(({ alg }) => alg === es256))
        throw new DOMException('no common algorithm', 'NotSupportedError')
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const credential: StoredCredential = {
        id: randomBytes(32).toString('base64url'),
        rpId,
        userHandle: request.user.id,
        userName: request.user.name,
        privateKey: privateKey.export({ format: 'jwk' }),
        counter: 0,
      }
      kept.push(credential)
      const data = Buffer.concat([
        authenticatorData(credential, flags | flag.attested),
        Buffer.from((options.aaguid ?? zeroAaguid).replaceAll('-', ''), 'hex'),
        uint16(32),
        Buffer.from(credential.id, 'base64url'),
        coseKey(publicKey.export({ format: 'jwk' })),
      ])
      return {
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: { credProps: { rk: true } },
        response: {
          clientDataJSON: clientData('webauthn.create', request.challenge).toString('base64url'),
          attestationObject: cbor(
            new Map<string, unknown>([
              ['fmt', 'none'],
              ['attStmt', new Map()],
              ['authData', data],
            ]),
          ).toString('base64url'),
          transports: ['internal'],
        },
      }
    },

    get(request, choice = {}) {
      const rpId = requireRpId(options.origin, request.rpId)
      const allowed = request.allowCredentials?.map(({ id }) => id) ?? []
      const credential = kept.findLast(
        ({ id, rpId: of }) =>
          of === rpId &&
          (allowed.length === 0 || allowed.includes(id)) &&
          (choice.credential === undefined || choice.credential === id),
      )
      if (!credential) throw new DOMException('no passkey here fits', 'NotAllowedError')
      credential.counter += 1
      const data = authenticatorData(credential, flags)
      const client = clientData('webauthn.get', request.challenge)
      const signature = sign(
        'sha256',
        Buffer.concat([data, sha256(client)]),
        createPrivateKey({ key: credential.privateKey, format: 'jwk' }),
      )
      return {
        id: credential.id,
        rawId: credential.id,
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: credential.userHandle,
        },
      }
    },

    credentials: () => structuredClone(kept),
  }
}

/** A browser lets a page use its own host, or a registrable suffix of it, and nothing else (§5.1.3, step 8). */
function requireRpId(origin: string, rpId: string | undefined): string {
  const host = new URL(origin).hostname
  const wanted = rpId ?? host
  if (wanted !== host && !host.endsWith(`.${wanted}`))
    throw new DOMException('the RP id is not this origin’s', 'SecurityError')
  return wanted
}

/** COSE algorithm −7 (RFC 9053 §2.1). */
const es256 = -7

/** EC2 key on P-256 (RFC 9053 §7.1.1): kty 2, alg ES256, crv 1, x, y. */
const coseKey = (jwk: JsonWebKey): Buffer =>
  cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, es256],
      [-1, 1],
      [-2, Buffer.from(String(jwk.x), 'base64url')],
      [-3, Buffer.from(String(jwk.y), 'base64url')],
    ]),
  )

/** §6.1: hash of the RP id, flags, counter. */
function authenticatorData(credential: StoredCredential, flags: number): Buffer {
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(credential.counter)
  return Buffer.concat([sha256(Buffer.from(credential.rpId)), Buffer.from([flags]), counter])
}

const sha256 = (data: Buffer): Buffer => createHash('sha256').update(data).digest()

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
