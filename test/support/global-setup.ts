/**
 * Once per schema: migrate an embedded database and keep its image under `node_modules/.cache`, so that each test opens
 * it in half a second instead of migrating anew.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { readMigrations } from '../../src/runtime/migrations.ts'
import { openPglite } from '../../src/runtime/pglite.ts'
import { mintPrivateKey } from '../../src/tokens/mint-key.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    pgliteImage: string
    /** Private keys as JWKs: making one takes a fifth of a second, and most tests want any. */
    rsaKeys: string[]
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache/garde')
  const version = createHash('sha256').update(JSON.stringify(readMigrations())).digest('hex').slice(0, 16)
  const path = join(folder, `pglite-${version}.tar`)
  if (!existsSync(path)) await writeImage(folder, path)
  project.provide('pgliteImage', path)
  const minted = await Promise.all(Array.from({ length: 4 }, () => mintPrivateKey('RS256')))
  project.provide(
    'rsaKeys',
    minted.map((key) => JSON.stringify(key)),
  )
}

async function writeImage(folder: string, path: string): Promise<void> {
  const database = await openPglite()
  await database.migrate()
  mkdirSync(folder, { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, Buffer.from(await (await database.dump()).arrayBuffer()))
  renameSync(unfinished, path)
  await database.close()
}
