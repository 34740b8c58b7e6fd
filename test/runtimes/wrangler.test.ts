/** What is deployed is what is tested: wrangler itself bundles it, without a network, by the wrangler.toml of the repository. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'garde-wrangler-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('wrangler bundles the Workers program, with the bindings it asks for', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', folder],
    { cwd: root, env: { ...process.env, XDG_CONFIG_HOME: folder, WRANGLER_SEND_METRICS: 'false' } },
  )
  for (const binding of ['env.HYPERDRIVE', 'env.ASSETS', 'env.GARDE_ISSUER'])
    expect(stdout).toContain(binding)
  expect(readFileSync(join(folder, 'workers.js'), 'utf8')).toContain('scheduled')
})

test('wrangler.toml says how the query cache is switched off, and holds no secret', () => {
  const toml = readFileSync(join(root, 'wrangler.toml'), 'utf8')
  expect(toml).toMatch(/hyperdrive create .*--caching-disabled/)
  expect(toml).not.toMatch(/^GARDE_KEY_ENCRYPTION_KEY/m)
})
