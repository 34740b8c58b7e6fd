// Where the program is: its sources as they lie in the repository, or in a package the same without their types (pack.js).
import { existsSync } from 'node:fs'

const repository = existsSync(new URL('../src/', import.meta.url))

/** `cli/main` → the address to import. */
export const source = (name) =>
  new URL(repository ? `../src/${name}.ts` : `../lib/${name}.js`, import.meta.url).href
