/** The README stays true. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../src/cli/commands.ts'
import { settings } from '../src/config.ts'
import { resourceShape } from '../src/resources/resource.ts'

const root = join(import.meta.dirname, '..')
/** Words of npm's own, not scripts of ours. */
const npmsOwn = ['ci', 'pack']
const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('its table of settings is the one that the program reads', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\|$/gm)].map(([, name, meaning]) => [
    name,
    meaning,
  ])
  expect(Object.fromEntries(rows)).toEqual(settings)
})

test('every room of src that it names exists', () => {
  const rooms = [...readme.matchAll(/\bsrc\/[a-z.]+\/?/g)].map(([room]) => room)
  expect(rooms.length).toBeGreaterThan(15)
  expect(rooms.filter((room) => !existsSync(join(root, room)))).toEqual([])
})

test('every script that it tells to run exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = [...readme.matchAll(/npm (?:run )?([a-z0-9:]+)/g)].map(([, name]) => name ?? '')
  expect(named.filter((name) => !npmsOwn.includes(name) && !(name in scripts))).toEqual([])
})

test('every command that it tells to type exists', () => {
  const typed = [...readme.matchAll(/npm run garde -- ([a-z][a-z -]*[a-z])/g)].map(([, words]) => words ?? '')
  expect(typed.length).toBeGreaterThan(2)
  const known = commands.map(({ words }) => words)
  expect(
    typed.filter((words) => !known.some((each) => words === each || words.startsWith(`${each} `))),
  ).toEqual([])
})

test('the resource that it shows is one', () => {
  const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? []
  expect(resourceShape.parse(JSON.parse(shown))).toMatchObject({ kind: 'fhir', base: '/fhir' })
})
