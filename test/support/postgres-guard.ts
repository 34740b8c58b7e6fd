/**
 * Runs a PostgreSQL until standard input closes, then stops it and removes its directory: a killed test run leaves
 * nothing behind. Arguments: path of the binaries, data directory's parent, port, uid (or -1).
 */

import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const [bin = '', folder = '', port = '', uidArgument = '-1'] = process.argv.slice(2)
const uid = Number(uidArgument)
const data = join(folder, 'data')
mkdirSync(data, { mode: 0o700 })
if (uid >= 0) for (const path of [folder, data]) chownSync(path, uid, uid)
const as = {
  cwd: folder,
  env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] ?? '' },
  ...(uid >= 0 && { uid, gid: uid }),
}

execFileSync(
  join(bin, 'initdb'),
  ['-D', data, '-U', 'garde', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
  { ...as, stdio: 'ignore' },
)
const options = [
  '-D',
  data,
  '-p',
  port,
  '-k',
  folder,
  '-c',
  'listen_addresses=127.0.0.1',
  '-c',
  'max_connections=100',
]
const server = spawn(join(bin, 'postgres'), options, { ...as, stdio: ['ignore', 'ignore', 'pipe'] })

server.stderr.on('data', (chunk: Buffer) => {
  if (chunk.includes('ready to accept connections')) process.stdout.write('ready\n')
})
server.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit()
})
process.stdin.on('end', () => server.kill('SIGINT')).resume()
