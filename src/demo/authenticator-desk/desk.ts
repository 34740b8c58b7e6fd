/**
 * The demonstration's drawer of passkeys: one software device for each person of the cast, kept in a file between runs.
 * Whoever reaches it can be any of them, which is the point of a demonstration and why `npm start` has nothing of it.
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { createAuthenticator, type Authenticator, type StoredCredential } from '../authenticator.ts'

export interface Desk {
  /** Garde's. */
  origin: string
  /** Registers with `person`'s device. */
  create(person: string, options: PublicKeyCredentialCreationOptionsJSON): RegistrationResponseJSON
  /** Answers with `person`'s device; throws a DOMException as a browser would when it holds nothing that fits. */
  get(person: string, options: PublicKeyCredentialRequestOptionsJSON): AuthenticationResponseJSON
}

export interface DeskOptions {
  /** Garde's origin. */
  origin: string
  /** Where the passkeys are kept, private keys included; mode 0600. */
  file: string
}

type Drawer = Record<string, StoredCredential[]>

export function openDesk({ origin, file }: DeskOptions): Desk {
  const drawer: Drawer = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Drawer) : {}
  const devices = new Map<string, Authenticator>()
  const deviceOf = (person: string): Authenticator => {
    const known = devices.get(person)
    if (known) return known
    const credentials = Object.hasOwn(drawer, person) ? (drawer[person] ?? []) : []
    // As a phone's passkey: synced, so that it is shown for what it stands for.
    const device = createAuthenticator({ origin, credentials, backedUp: true })
    devices.set(person, device)
    return device
  }
  // The counter moves with each use, so each use is kept before it is answered.
  const keeping = <T>(person: string, use: (device: Authenticator) => T): T => {
    const device = deviceOf(person)
    const answer = use(device)
    drawer[person] = device.credentials()
    writeFileSync(`${file}.new`, JSON.stringify(drawer), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return answer
  }
  return {
    origin,
    create: (person, options) => keeping(person, (device) => device.create(options)),
    get: (person, options) => keeping(person, (device) => device.get(options)),
  }
}
