/**
 * PGlite's WebAssembly, compiled by V8's own threads: asked for at the beginning, it is ready when the imports are.
 * One for all databases of a process; it holds no state.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

let program: Promise<WebAssembly.Module> | undefined

/** Where the package keeps what it loads. */
export const pgliteFolder = (): string =>
  dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))

/**
 * Bytes that a function runs before V8 optimises it: ten times the usual. Starting runs thousands of functions a little,
 * and optimising those took half a second of the cores on which the start itself waits; what stays hot is optimised later.
 */
const tieringBudget = 130_000_000

export function pgliteProgram(): Promise<WebAssembly.Module> {
  if (!program) setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`)
  return (program ??= WebAssembly.compile(readFileSync(join(pgliteFolder(), 'pglite.wasm'))))
}
