/**
 * `npm run bench -- <name> [--json] [--<knob> <number>]…`: runs `test/bench/<name>.ts`, whose `run` answers one flat
 * object of medians and whose `knobs`, if it has any, say what can be set. The last line is that object as JSON; without
 * `--json` it is told in lines before as well.
 */

import { readdirSync } from 'node:fs'
import { parseArgs } from 'node:util'

type Figures = Record<string, number | string | boolean>

interface Bench {
  run(knobs: Record<string, number>): Promise<Figures>
  knobs?: Record<string, number>
}

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3))
const [name = '', ...options] = process.argv.slice(2)

function usage(more = ''): never {
  console.error(`usage: npm run bench -- <name> [--json]${more}; names: ${names.join(', ')}`)
  process.exit(2)
}

if (!names.includes(name)) usage()
const { run, knobs = {} } = (await import(`./${name}.ts`)) as Bench
const { json, set } = chosen()
const figures = await run(set)
if (!json) for (const [figure, value] of Object.entries(figures)) console.log(`${figure.padEnd(32)}${value}`)
console.log(JSON.stringify(figures))

function chosen(): { json: boolean; set: Record<string, number> } {
  const settable = Object.keys(knobs).map((knob) => [knob, { type: 'string' }] as const)
  const known = Object.keys(knobs).map((knob) => ` [--${knob} <number>]`)
  try {
    const { values } = parseArgs({
      args: options,
      options: { json: { type: 'boolean' }, ...Object.fromEntries(settable) },
    })
    const { json: asJson = false, ...given } = values as { json?: boolean } & Record<string, string>
    const numbers = Object.entries(given).map(([knob, value]) => [knob, Number(value)] as const)
    if (numbers.some(([, value]) => !(value > 0))) usage(known.join(''))
    return { json: asJson, set: { ...knobs, ...Object.fromEntries(numbers) } }
  } catch {
    return usage(known.join(''))
  }
}
