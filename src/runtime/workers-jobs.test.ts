import { expect, test } from 'vitest'
import type { Services } from '../services.ts'
import { runJobs } from './workers-jobs.ts'

test('a job that fails does not keep the next one from its turn, and the platform hears of it', async () => {
  const done: string[] = []
  const lines: unknown[] = []
  const services = { log: (...line: unknown[]) => lines.push(line) } as unknown as Services
  const due = [
    { name: 'first', run: () => Promise.reject(new Error('the database went away')) },
    { name: 'second', run: async () => void done.push('second') },
  ]
  await expect(runJobs(services, due)).rejects.toThrow(AggregateError)
  expect(done).toEqual(['second'])
  expect(lines).toEqual([
    ['error', 'work by the clock failed', { work: 'first', error: 'Error: the database went away' }],
  ])
})
