/** The README stays true. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../src/config.ts'

const root = join(import.meta.dirname, '..')
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
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name ?? '')
  expect(named.filter((name) => name !== 'ci' && !(name in scripts))).toEqual([])
})
