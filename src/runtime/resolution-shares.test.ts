import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileShares, sharesLeft } from './resolution-shares.ts'

test('each share lies in a file of its own that only its owner reads, until it is taken away', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'garde-shares-'))
  const keep = fileShares(join(directory, 'data'))
  await keep(['void', 'void'])
  await keep(['one', 'other'])
  const left = await sharesLeft(join(directory, 'data'))
  expect(left).toHaveLength(2)
  const texts = await Promise.all(left.map((path) => readFile(path, 'utf8')))
  expect(texts.map((text) => text.split('\n')[0])).toEqual(['one', 'other'])
  expect(((await stat(left[0] ?? '')).mode & 0o777).toString(8)).toBe('600')
  await rm(left[0] ?? '')
  expect(await sharesLeft(join(directory, 'data'))).toEqual(left.slice(1))
  await rm(directory, { recursive: true })
})
