/**
 * An embedded database takes seconds to create and a moment to copy: installing creates one, its tables made and
 * empty, beside the packages, and the first start copies it. Absent or of another version: the first start creates its own.
 */

import { createHash } from 'node:crypto'
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readMigrations } from './migrations.ts'
import { pgliteFolder } from './pglite-program.ts'

const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url))

/** The directory of the prepared database for this PGlite and these migrations; it need not exist. */
export function preparedDatabase(): string {
  const manifest = join(pgliteFolder(), '../package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const migrations = createHash('sha256').update(JSON.stringify(readMigrations())).digest('hex').slice(0, 16)
  return join(packages, '.cache', 'garde', `pglite-${version}-${migrations}`)
}

/** Answers whether there was one to copy. `directory` must not exist. */
export function copyPreparedDatabase(directory: string, prepared: string = preparedDatabase()): boolean {
  if (!existsSync(prepared)) return false
  copyDirectory(prepared, directory)
  return true
}

/** A thousand small files: this takes a third of the time of fs.cp, which asks after each of them twice. */
function copyDirectory(from: string, to: string): void {
  mkdirSync(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyDirectory(source, target)
    else copyFileSync(source, target, constants.COPYFILE_FICLONE)
  }
}

/** Created aside, then renamed: what stands under the name is whole. */
export async function prepareDatabase(prepared: string = preparedDatabase()): Promise<void> {
  if (existsSync(prepared)) return
  const aside = `${prepared}.${process.pid}`
  mkdirSync(dirname(prepared), { recursive: true })
  try {
    const { openPglite } = await import('./pglite.ts')
    const database = await openPglite({ directory: aside })
    await database.migrate()
    await database.close()
    renameSync(aside, prepared)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}
