/** Looks for what would go wrong, without changing anything. Every finding says what to do; exit 1 when one must be mended. */

import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { ConfigurationFaults, parseConfig, serverSettings, type Config } from '../config.ts'
import { dataDirectory, type DataDirectory } from '../runtime/data-directory.ts'
import { CliFault, shown, type Outcome, type World } from './command.ts'
import { columns } from './help.ts'

interface Finding {
  about: string
  state: 'good' | 'warning' | 'bad'
  says: string
}

type Check = (config: Config, directory: DataDirectory, world: World) => Promise<Finding> | Finding

const good = (about: string, says: string): Finding => ({ about, state: 'good', says })
const warning = (about: string, says: string): Finding => ({ about, state: 'warning', says })
const bad = (about: string, says: string): Finding => ({ about, state: 'bad', says })

const largestSkewSeconds = 2

const checks: Check[] = [checkDirectory, checkKey, checkShares, checkDurability, checkServer, checkClock]

export async function doctor(world: World): Promise<Outcome> {
  const findings = await examine(world)
  return {
    data: findings,
    text: columns(findings.map(({ about, state, says }) => [state, about, says])),
    exitCode: findings.some(({ state }) => state === 'bad') ? 1 : 0,
  }
}

async function examine(world: World): Promise<Finding[]> {
  let config: Config
  try {
    config = parseConfig(serverSettings(world.environment), (path) => readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof ConfigurationFaults)) throw error
    return error.faults.map((fault) => bad('configuration', fault))
  }
  const directory = dataDirectory(config.dataDirectory)
  const findings = [good('configuration', `serves ${config.issuer}`)]
  for (const check of checks) findings.push(await check(config, directory, world))
  return findings
}

function checkDirectory(_: Config, { root }: DataDirectory): Finding {
  if (!existsSync(root)) return good('data directory', `${root} does not exist yet; the first start makes it`)
  try {
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return bad('data directory', `${root} cannot be written by this user: use the user that runs Garde`)
  }
  return (statSync(root).mode & 0o077) === 0
    ? good('data directory', `${root} is its owner's alone`)
    : bad('data directory', `${root} is open to others: chmod 700`)
}

function checkKey(config: Config, { root, keyEncryptionKey }: DataDirectory): Finding {
  const about = 'key-encryption key'
  if (config.keyEncryptionKey) return good(about, 'comes from the configuration')
  if (!existsSync(keyEncryptionKey))
    return existsSync(root)
      ? warning(about, `${keyEncryptionKey} is not there: right before the first start only`)
      : good(about, 'the first start makes it')
  return (statSync(keyEncryptionKey).mode & 0o077) === 0
    ? warning(
        about,
        `${keyEncryptionKey}: keep a copy apart from the database's backups, without it they are lost`,
      )
    : bad(about, `${keyEncryptionKey} is open to others: chmod 600`)
}

function checkShares(_: Config, { sealingShares }: DataDirectory): Finding {
  const about = 'sealing shares'
  if (!existsSync(sealingShares) || readdirSync(sealingShares).length === 0)
    return good(about, 'are not kept here')
  return warning(
    about,
    `${sealingShares}: give each file to another person and remove it here; together they name the patients of the log`,
  )
}

function checkDurability(config: Config): Finding {
  if (config.databaseUrl) return good('durability', 'PostgreSQL keeps what it acknowledged')
  return warning(
    'durability',
    'the embedded database does not wait for the disk: a power loss may lose the last seconds. Set DATABASE_URL where that matters',
  )
}

async function checkServer(config: Config, _: DataDirectory, world: World): Promise<Finding> {
  try {
    const { process, database } = await world.control('status')
    return good('server', `runs as process ${shown(process)} on ${shown(database)} database`)
  } catch (error) {
    if (error instanceof CliFault) return warning('server', error.message)
    throw error
  }
}

/** A clock that is wrong ends sessions early, or too late; the database keeps its own. */
async function checkClock(_: Config, __: DataDirectory, world: World): Promise<Finding> {
  const status = await world.control('status').catch(() => undefined) // that it does not run was said above
  if (!status) return good('clock', `${new Date().toISOString()}; compared when the server runs`)
  const skew = Math.abs(Number(status['databaseClock']) - Number(status['clock']))
  return skew <= largestSkewSeconds
    ? good('clock', `agrees with the database's to ${skew} s`)
    : bad('clock', `differs from the database's by ${skew} s: synchronise both (NTP)`)
}
