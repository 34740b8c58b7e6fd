/** What `npm pack` makes, unpacked under a node_modules beside nothing but its dependencies: it runs there. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { startProcess, type Started } from '../support/process.ts'

const root = join(import.meta.dirname, '../..')
const running: Started[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()))
})

let installed: string
beforeAll(() => {
  const place = mkdtempSync(join(tmpdir(), 'garde-package-'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', place], { cwd: root, stdio: 'pipe' })
  const [archive = ''] = readdirSync(place)
  installed = join(place, 'node_modules/garde')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(place, archive), '--strip-components=1', '-C', installed])
  linkDependencies(join(place, 'node_modules'))
})

/** Those of a server, not those of its tests. */
function linkDependencies(folder: string): void {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(folder, name))
  }
}

function garde(words: string[], environment: Record<string, string> = {}): Started {
  const process = startProcess(relative(root, join(installed, 'bin/garde.js')), words, environment)
  running.push(process)
  return process
}

test('the command line says what it can do', async () => {
  const process = garde(['--help'])
  expect(await process.exitCode, process.stderr()).toBe(0)
  expect(process.stdout()).toContain('garde')
})

test('it serves, pages included', async () => {
  const data = join(mkdtempSync(join(tmpdir(), 'garde-package-')), 'data')
  const process = garde(['serve'], { GARDE_DATA: data, GARDE_PORT: '0' })
  const [, host = ''] = await process.says(/Garde serves \S+ on (\S+)/)
  const statuses = ['/.well-known/openid-configuration', '/signin', '/admin/v1/openapi.json'].map(
    async (path) => (await fetch(`http://${host}${path}`)).status,
  )
  expect(await Promise.all(statuses)).toEqual([200, 200, 200])
  const status = garde(['status', '--json'], { GARDE_DATA: data })
  expect(await status.exitCode, status.stderr()).toBe(0)
})

test('it holds no tests and no demonstration, and packing leaves nothing behind', () => {
  expect(existsSync(join(root, 'lib'))).toBe(false)
  expect(existsSync(join(installed, 'lib/demo'))).toBe(false)
  expect(readdirSync(installed, { recursive: true }).filter((name) => String(name).includes('.ts'))).toEqual(
    [],
  )
})
