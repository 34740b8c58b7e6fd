/**
 * `npm run bench -- <name> [--json]`: runs `test/bench/<name>.ts`, whose `run` answers one flat object of medians.
 * The last line is that object as JSON; without `--json` it is told in lines before as well.
 */

import { readdirSync } from 'node:fs'

type Figures = Record<string, number | string | boolean>

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3))
const [name = '', ...options] = process.argv.slice(2)

if (!names.includes(name) || options.some((option) => option !== '--json')) {
  console.error(`usage: npm run bench -- <name> [--json]; names: ${names.join(', ')}`)
  process.exit(2)
}
const { run } = (await import(`./${name}.ts`)) as { run: () => Promise<Figures> }
const figures = await run()
if (!options.includes('--json'))
  for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(28)}${value}`)
console.log(JSON.stringify(figures))
