/**
 * An embedded database takes seconds to create and a moment to copy: installing creates one, empty and without tables,
 * beside the packages, and the first start copies it. Absent or of another version: the first start creates its own.
 */

import { constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url))

/** The directory of the prepared database for the PGlite that is installed; it need not exist. */
export function preparedDatabase(): string {
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = join(dirname(main), '../package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return join(packages, '.cache', 'garde', `pglite-${version}`)
}

/** Answers whether there was one to copy. `directory` must not exist. */
export async function copyPreparedDatabase(
  directory: string,
  prepared: string = preparedDatabase(),
): Promise<boolean> {
  if (!existsSync(prepared)) return false
  await cp(prepared, directory, { recursive: true, mode: constants.COPYFILE_FICLONE })
  return true
}

/** Created aside, then renamed: what stands under the name is whole. */
export async function prepareDatabase(prepared: string = preparedDatabase()): Promise<void> {
  if (existsSync(prepared)) return
  const aside = `${prepared}.${process.pid}`
  mkdirSync(dirname(prepared), { recursive: true })
  try {
    const { PGlite } = await import('@electric-sql/pglite')
    await (await PGlite.create({ dataDir: aside })).close()
    renameSync(aside, prepared)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}
