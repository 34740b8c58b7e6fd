/** The refusal table has no row that nobody gives, and none that no test has seen given. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refusals } from '../src/core/refusal.ts'

const root = join(import.meta.dirname, '..')
const sources = (folder: string): [name: string, text: string][] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')])

const all = [...sources('src'), ...sources('test')]
const own = new Set(['src/core/refusal.ts', 'test/refusals.test.ts'])
const isTest = (name: string) => name.startsWith('test/') || name.endsWith('.test.ts')
const product = all.filter(([name]) => !isTest(name) && !own.has(name)).map(([, text]) => text)
const tests = all.filter(([name]) => isTest(name) && !own.has(name)).map(([, text]) => text)

const names = (texts: string[], reason: string): boolean => texts.some((text) => text.includes(`'${reason}'`))

describe.each(Object.keys(refusals))('%s', (reason) => {
  test('is given by the product', () => expect(names(product, reason)).toBe(true))
  test('is expected by a test', () => expect(names(tests, reason)).toBe(true))
})
