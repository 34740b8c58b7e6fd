import { expect, test } from 'vitest'
import { base64url, randomBytes } from './core/bytes.ts'
import { ConfigurationFaults, parseConfig } from './config.ts'

const noFiles = (): string => {
  throw new Error('no such file')
}

const faultsOf = (environment: Record<string, string>): string[] => {
  try {
    parseConfig(environment, noFiles)
  } catch (error) {
    if (error instanceof ConfigurationFaults) return error.faults
    throw error
  }
  return []
}

test('nothing set is a small site on loopback', () => {
  expect(parseConfig({ PATH: '/bin' }, noFiles)).toMatchObject({
    issuer: 'http://localhost:4800',
    rpId: 'localhost',
    signInsPerSecond: 30,
    listen: { host: '127.0.0.1', port: 4800 },
    databaseUrl: undefined,
  })
})

test('all faults are told at once', () => {
  expect(
    faultsOf({
      GARDE_ISSUER: 'http://id.example',
      GARDE_PORT: '70000',
      GARDE_KEY_ENCRYPTION_KEY: 'short',
      GARDE_TRUSTED_PROXIES: '10.0.0.0/8, anyone',
      GARDE_LOG_LEVEL: 'loud',
      GARDE_ISUER: 'https://id.example',
      DATABASE_URL: 'mysql://x/y',
      GARDE_DATA_FILE: '/nowhere',
    }),
  ).toEqual([
    'GARDE_ISUER: unknown setting',
    'GARDE_PORT: expected a port from 0 to 65535',
    'GARDE_ISSUER: expected https, or http on loopback',
    'GARDE_DATA: the file named by GARDE_DATA_FILE cannot be read',
    'DATABASE_URL: expected postgres://user@host/database',
    'GARDE_KEY_ENCRYPTION_KEY: expected 32 bytes in base64url',
    'GARDE_TRUSTED_PROXIES: expected addresses or CIDR blocks, comma-separated',
    'GARDE_LOG_LEVEL: expected debug, info, warn or error',
  ])
})

test.each(['https://id.example/', 'https://id.example/path', 'id.example', 'https://ID.example'])(
  '%j is no origin',
  (issuer) => {
    expect(faultsOf({ GARDE_ISSUER: issuer })).toHaveLength(1)
  },
)

test('a secret may come from a file, and only from one place', () => {
  const key = base64url(randomBytes(32))
  expect(
    parseConfig({ GARDE_KEY_ENCRYPTION_KEY_FILE: '/run/kek' }, () => `${key}\n`).keyEncryptionKey,
  ).toHaveLength(32)
  expect(faultsOf({ GARDE_KEY_ENCRYPTION_KEY: key, GARDE_KEY_ENCRYPTION_KEY_FILE: '/run/kek' })).toHaveLength(
    1,
  )
})

test('a fault never repeats the secret that was set', () => {
  expect(
    JSON.stringify(faultsOf({ GARDE_KEY_ENCRYPTION_KEY: 'hunter2', DATABASE_URL: 'postgres://u:hunter2@' })),
  ).not.toContain('hunter2')
})
