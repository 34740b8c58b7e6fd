/** Debian's Apache with mod_auth_openidc as a relying party: a program none of us wrote, before a page it guards. */

import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = '/usr/sbin/apache2'
const modules = '/usr/lib/apache2/modules'

/** `apt-get install apache2-bin libapache2-mod-auth-openidc`; there is no such package in the npm registry. */
export const hasApache = existsSync(program) && existsSync(join(modules, 'mod_auth_openidc.so'))

export interface Apache {
  origin: string
  /** What it wrote to its error log: why it refused. */
  log(): string
  close(): Promise<void>
}

/** Serves `/private/page` to whoever is signed in, with `X-Sub`, `X-Sid` and `X-Name` from the claims it verified. */
export async function startApache(port: number, directives: Record<string, string>): Promise<Apache> {
  const directory = mkdtempSync(join(tmpdir(), 'garde-apache-'))
  // As root it serves as nobody.
  chmodSync(directory, 0o755)
  mkdirSync(join(directory, 'pages/private'), { recursive: true })
  writeFileSync(join(directory, 'pages/private/page'), 'guarded')
  writeFileSync(join(directory, 'pages/bye'), 'bye')
  const logFile = join(directory, 'error.log')
  const file = join(directory, 'apache.conf')
  writeFileSync(file, configuration(directory, port, directives))
  const child = spawn(program, ['-f', file, '-D', 'FOREGROUND'], { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
  await listening(port, child, log)
  return {
    origin: `http://localhost:${port}`,
    log,
    close: async () => {
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const configuration = (directory: string, port: number, directives: Record<string, string>): string => `
ServerName localhost
ServerRoot ${directory}
Listen 127.0.0.1:${port}
PidFile ${directory}/pid
Mutex file:${directory}
ErrorLog ${directory}/error.log
LogLevel auth_openidc:debug
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'auth_openidc']
  .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`)
  .join('\n')}
DocumentRoot ${directory}/pages
${Object.entries(directives)
  .map(([name, value]) => `${name} "${value}"`)
  .join('\n')}
<Location /private>
  AuthType openid-connect
  Require valid-user
  Header always set X-Sub "%{OIDC_CLAIM_sub}e"
  Header always set X-Sid "%{OIDC_CLAIM_sid}e"
  Header always set X-Name "%{OIDC_CLAIM_name}e"
</Location>
`

async function listening(port: number, child: { exitCode: number | null }, log: () => string): Promise<void> {
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`apache ended with ${child.exitCode}: ${log()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
