import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureDataDirectory } from './data-directory.ts'
import { lockDataDirectory } from './data-lock.ts'

const fresh = () => ensureDataDirectory(mkdtempSync(join(tmpdir(), 'garde-lock-')))

/** Another process that takes the lock and holds it until it is killed. */
async function holder(root: string) {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const script = `
    const { ensureDataDirectory } = await import(${at('data-directory.ts')})
    const { lockDataDirectory } = await import(${at('data-lock.ts')})
    lockDataDirectory(ensureDataDirectory(process.argv[1]))
    process.stdout.write('held')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, root], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a directory that another process uses is refused by its process id', async () => {
  const directory = fresh()
  const other = await holder(directory.root)
  expect(() => lockDataDirectory(directory)).toThrow(`Another Garde (process ${other.pid})`)
  other.kill('SIGKILL')
  await once(other, 'exit')
})

test('a process that was killed leaves no lock behind', async () => {
  const directory = fresh()
  const other = await holder(directory.root)
  other.kill('SIGKILL')
  await once(other, 'exit')
  lockDataDirectory(directory).release()
})

test('a released directory can be taken again', () => {
  const directory = fresh()
  lockDataDirectory(directory).release()
  lockDataDirectory(directory).release()
})

test('a second take in the same process is refused too', () => {
  const directory = fresh()
  const lock = lockDataDirectory(directory)
  expect(() => lockDataDirectory(directory)).toThrow(/Another Garde/)
  lock.release()
})
