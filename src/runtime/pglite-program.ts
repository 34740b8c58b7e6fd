/**
 * PGlite's WebAssembly, compiled by V8's own threads: asked for at the beginning, it is ready when the imports are.
 * One for all databases of a process; it holds no state.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

let program: Promise<WebAssembly.Module> | undefined

/** Where the package keeps what it loads. */
export const pgliteFolder = (): string =>
  dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))

export function pgliteProgram(): Promise<WebAssembly.Module> {
  return (program ??= WebAssembly.compile(readFileSync(join(pgliteFolder(), 'pglite.wasm'))))
}
