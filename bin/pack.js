// `npm pack` runs this before and after: Node takes no types under node_modules, so a package carries lib/ instead of src/,
// the same files without their types. Nothing moves within a line, so what a stack trace says is true of the sources.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const [from, to] = [join(root, 'src'), join(root, 'lib')]
/** Tests, declarations, and what no server runs. */
const left = /\.test\.ts$|\.d\.ts$|^demo\/|^runtime\/(workers[^/]*|prepare\.ts)$/
/** `from './x.ts'`, `import './x.ts'`, `import('./x.ts')`. */
const specifier = /(\b(?:from|import)\s*\(?\s*'\.{1,2}\/[^']+)\.ts'/g

rmSync(to, { recursive: true, force: true })
if (process.argv[2] === 'begin') {
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  for (const file of files) pack(join(file.parentPath, file.name).slice(from.length + 1))
}

function pack(name) {
  if (left.test(name)) return
  const target = join(to, name)
  mkdirSync(dirname(target), { recursive: true })
  if (!name.endsWith('.ts')) return cpSync(join(from, name), target)
  const code = stripTypeScriptTypes(readFileSync(join(from, name), 'utf8'))
  writeFileSync(target.replace(/ts$/, 'js'), code.replaceAll(specifier, "$1.js'"))
}
