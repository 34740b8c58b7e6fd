/**
 * The whole configuration, from environment variables, parsed once. Pure. It refuses to start with a list of every
 * fault; an unknown `GARDE_…` name is a fault, because a misspelt safeguard is no safeguard.
 */

import { fromBase64url } from './core/bytes.ts'
import type { KeyEncryptionKey } from './core/seal.ts'
import { days, type Seconds } from './core/time.ts'

export interface Config {
  /** Origin of the authorization server, no trailing slash: `https://id.example`. Never taken from a request. */
  issuer: string
  listen: { host: string; port: number }
  /** Directory of the embedded database, the audit spool, generated keys and the control socket. */
  dataDirectory: string
  /** PostgreSQL; PGlite in `dataDirectory` when absent. */
  databaseUrl?: string
  /** From GARDE_KEY_ENCRYPTION_KEY or its file; generated into `dataDirectory` (mode 0600) when absent. */
  keyEncryptionKey?: KeyEncryptionKey
  /** WebAuthn relying party id: the issuer's host name. */
  rpId: string
  /** Peers whose X-Forwarded-For is believed: addresses or CIDR blocks. */
  trustedProxies: string[]
  /** How long a signing key signs before the next one does; 2 to 90 days. */
  keyPeriodSeconds: Seconds
  /** Sign-ins that may begin in a second, on all nodes together; more are queued. */
  signInsPerSecond: number
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** May clients register themselves (RFC 7591), with a token an operator gave? */
  dynamicRegistration: boolean
  /** Origins that clients may have called though they are private or without TLS: for tests. Named at every start. */
  dangerouslyAllowedOutbound: string[]
}

export class ConfigurationFaults extends Error {
  override readonly name = 'ConfigurationFaults'
  readonly faults: string[]
  constructor(faults: string[]) {
    super(
      `the configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.faults = faults
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** name → how it is read; throws a sentence. The table is the documentation: README's is checked against it. */
export const settings = {
  GARDE_ISSUER: 'public origin of Garde, https or loopback (default: http://localhost:PORT)',
  GARDE_HOST: 'address to listen on (default: 127.0.0.1)',
  GARDE_PORT: 'port to listen on (default: 4800)',
  GARDE_DATA: 'data directory (default: ./garde-data)',
  DATABASE_URL: 'postgres:// address; embedded database when absent',
  GARDE_KEY_ENCRYPTION_KEY:
    '32 bytes in base64url that seal private keys; generated into the data directory when absent',
  GARDE_TRUSTED_PROXIES: 'comma-separated addresses or CIDR blocks whose X-Forwarded-For is believed',
  GARDE_KEY_DAYS: 'days after which a signing key is replaced, 2 to 90 (default: 90)',
  GARDE_SIGN_INS_PER_SECOND:
    'sign-ins that may begin in a second, on all nodes together; more are queued (default: 30)',
  GARDE_DYNAMIC_REGISTRATION:
    'on or off: may applications register themselves, as RFC 7591 says (default: off)',
  GARDE_LOG_LEVEL: 'debug, info, warn or error (default: info)',
  GARDE_DANGEROUSLY_ALLOW_PRIVATE_OUTBOUND_ORIGINS:
    'comma-separated origins that clients may have called though they are private or without TLS: for tests',
} as const
export type Setting = keyof typeof settings

/** `readFile` resolves `NAME_FILE`; it throws when the file cannot be read. Throws ConfigurationFaults. */
export function parseConfig(environment: Environment, readFile: (path: string) => string): Config {
  const faults: string[] = []
  const known = new Set(Object.keys(settings).flatMap((name) => [name, `${name}_FILE`]))
  for (const name of Object.keys(environment)) {
    if (name.startsWith('GARDE_') && !known.has(name)) faults.push(`${name}: unknown setting`)
  }

  function read<T>(name: Setting, fallback: T, interpret: (value: string) => T): T {
    try {
      const value = valueOf(environment, name, readFile)
      return value === undefined ? fallback : interpret(value)
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      return fallback
    }
  }

  const port = read('GARDE_PORT', 4800, wholePort)
  const issuer = read('GARDE_ISSUER', `http://localhost:${port}`, origin)
  const config: Config = {
    issuer,
    listen: { host: read('GARDE_HOST', '127.0.0.1', plain), port },
    dataDirectory: read('GARDE_DATA', './garde-data', plain),
    databaseUrl: read<string | undefined>('DATABASE_URL', undefined, postgresUrl),
    keyEncryptionKey: read<KeyEncryptionKey | undefined>('GARDE_KEY_ENCRYPTION_KEY', undefined, key256),
    rpId: new URL(issuer).hostname,
    trustedProxies: read('GARDE_TRUSTED_PROXIES', [], networks),
    keyPeriodSeconds: read('GARDE_KEY_DAYS', days(90), keyDays),
    signInsPerSecond: read('GARDE_SIGN_INS_PER_SECOND', 30, signInPace),
    dynamicRegistration: read('GARDE_DYNAMIC_REGISTRATION', false, onOrOff),
    logLevel: read('GARDE_LOG_LEVEL', 'info', logLevel),
    dangerouslyAllowedOutbound: read('GARDE_DANGEROUSLY_ALLOW_PRIVATE_OUTBOUND_ORIGINS', [], origins),
  }
  if (faults.length > 0) throw new ConfigurationFaults(faults)
  return config
}

function valueOf(
  environment: Environment,
  name: string,
  readFile: (path: string) => string,
): string | undefined {
  const direct = environment[name]
  const file = environment[`${name}_FILE`]
  if (direct !== undefined && file !== undefined)
    throw new Error(`set either ${name} or ${name}_FILE, not both`)
  if (file === undefined) return direct
  try {
    return readFile(file).trim()
  } catch {
    throw new Error(`the file named by ${name}_FILE cannot be read`)
  }
}

/** NIST SP 800-57 part 1 §5.3.6 has years for a signature key: fewer is always right, more is nobody's wish. */
const keyDays = (value: string): Seconds => {
  if (!/^\d{1,2}$/.test(value) || Number(value) < 2 || Number(value) > 90)
    throw new Error('expected whole days from 2 to 90')
  return days(Number(value))
}

const signInPace = (value: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new Error('expected a whole number from 1 to 9999')
  return Number(value)
}

const plain = (value: string): string => {
  if (value.trim() === '') throw new Error('is empty')
  return value
}

const wholePort = (value: string): number => {
  const port = Number(value)
  if (!/^\d+$/.test(value) || port > 65_535) throw new Error('expected a port from 0 to 65535')
  return port
}

const origin = (value: string): string => {
  if (!URL.canParse(value)) throw new Error('expected an origin such as https://id.example')
  const url = new URL(value)
  const loopback = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw new Error('expected https, or http on loopback')
  if (url.origin !== value)
    throw new Error(`expected an origin without path or trailing slash, such as ${url.origin}`)
  return value
}

const postgresUrl = (value: string): string => {
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value))
    throw new Error('expected postgres://user@host/database')
  return value
}

const key256 = (value: string): KeyEncryptionKey => {
  let bytes: KeyEncryptionKey | undefined
  try {
    bytes = fromBase64url(value)
  } catch {
    bytes = undefined
  }
  if (bytes?.length !== 32) throw new Error('expected 32 bytes in base64url')
  return bytes
}

const networks = (value: string): string[] => {
  const list = value.split(',').map((item) => item.trim())
  for (const item of list) {
    if (!/^([\d.]+|[\da-fA-F:]+)(\/\d{1,3})?$/.test(item))
      throw new Error('expected addresses or CIDR blocks, comma-separated')
  }
  return list
}

const origins = (value: string): string[] => {
  const list = value.split(',').map((item) => item.trim())
  if (!list.every((item) => URL.canParse(item) && new URL(item).origin === item))
    throw new Error('expected origins such as http://localhost:9000, comma-separated')
  return list
}

const onOrOff = (value: string): boolean => {
  if (value !== 'on' && value !== 'off') throw new Error('expected on or off')
  return value === 'on'
}

const logLevel = (value: string): Config['logLevel'] => {
  if (value === 'debug' || value === 'info' || value === 'warn' || value === 'error') return value
  throw new Error('expected debug, info, warn or error')
}

const ofTheCommandLine = new Set(['GARDE_TOKEN', 'GARDE_URL', 'GARDE_OPERATOR'])

/** What the command line reads for itself is no setting of the server, though it bears the same prefix. */
export const serverSettings = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !ofTheCommandLine.has(name)))
