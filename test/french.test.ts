/**
 * French as it is set: a narrow no-break space before `;` `!` `?`, a no-break space before `:` and inside « », so that no
 * line starts with a lone sign (Lexique des règles typographiques en usage à l’Imprimerie nationale).
 */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const breaking = /\S [;!?»]|\S :(\s|$)|« /

/** Every sentence of a table of texts; those made of numbers and names are made with a 2. */
function sentences(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'function')
    return sentences((value as (...given: unknown[]) => unknown)(...Array<number>(value.length).fill(2)))
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(sentences) : []
}

const tables = globSync('src/**/texts.ts', { cwd: root })

test.each(tables)('%s', async (name) => {
  const module = (await import(join(root, name))) as Record<string, unknown>
  const french = Object.values(module).flatMap((table) => sentences((table as { fr?: unknown }).fr))
  expect(french).not.toEqual([])
  expect(french.filter((sentence) => breaking.test(sentence))).toEqual([])
})

/** `fr: '…'` wherever a row of another table says something. */
const row = /\bfr:\s*(['`])(.*?)\1/gu

test('rows of every other table', () => {
  const names = globSync('src/**/*.ts', { cwd: root }).filter((name) => !name.endsWith('.test.ts'))
  const french = names.flatMap((name) =>
    Array.from(readFileSync(join(root, name), 'utf8').matchAll(row), ([, , words = '']) => words),
  )
  expect(french.length).toBeGreaterThan(100)
  expect(french.filter((sentence) => breaking.test(sentence))).toEqual([])
})

test('a reason that the product itself writes is said in both languages', () => {
  const names = globSync('src/**/*.ts', { cwd: root }).filter(
    (name) => !name.endsWith('.test.ts') && !name.startsWith('src/demo/'),
  )
  const sentence = /\breason: ?(?:['"`](?=[^'"`]*\s)[^'"`]+|\w+\.fr\b)/u
  const lonely = names.filter((name) => sentence.test(readFileSync(join(root, name), 'utf8')))
  // Where the one language is made of both.
  expect(lonely).toEqual(['src/restrictions/restriction.ts'])
})
