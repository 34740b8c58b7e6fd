import { expect, test } from 'vitest'
import type { AuditEvent } from './event.ts'
import { createRecorder } from './recorder.ts'

const event = (n: number): AuditEvent => ({
  at: n,
  actor: { kind: 'stranger' },
  kind: 'refused',
  reason: 'restricted',
  path: '/',
})

/** A database whose commits end when the test says. */
function held(capacity?: number) {
  const commits: { events: AuditEvent[]; end: () => void; fail: (error: Error) => void }[] = []
  const lines: string[] = []
  const recorder = createRecorder(
    (events) => new Promise((end, fail) => void commits.push({ events, end, fail })),
    (_level, message) => lines.push(message),
    capacity,
  )
  const sizes = () => commits.map(({ events }) => events.length)
  return { recorder, commits, lines, sizes }
}

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('what arrives while a commit is in flight goes together in the next, and is answered when that is durable', async () => {
  const { recorder, commits, sizes } = held()
  const answered: number[] = []
  const ask = (n: number) => recorder.record(event(n)).then(() => answered.push(n))
  const all = [ask(1)]
  await settle()
  all.push(ask(2), ask(3), ask(4))
  await settle()
  expect(sizes()).toEqual([1])
  expect(answered).toEqual([])
  commits[0]?.end()
  await settle()
  expect(answered).toEqual([1])
  expect(sizes()).toEqual([1, 3])
  commits[1]?.end()
  await Promise.all(all)
  expect(answered).toEqual([1, 2, 3, 4])
})

test('a commit that fails is told to all who were in it, and the next is tried', async () => {
  const { recorder, commits, lines } = held()
  const first = recorder.record(event(1))
  await settle()
  const lost = Promise.allSettled([recorder.record(event(2)), recorder.record(event(3))])
  commits[0]?.end()
  await first
  await settle()
  commits[1]?.fail(new Error('gone'))
  expect(await lost).toMatchObject([
    { status: 'rejected', reason: { reason: 'audit_unavailable' } },
    { status: 'rejected', reason: { reason: 'audit_unavailable' } },
  ])
  expect(lines).toEqual(['audit queue failed'])
  const next = recorder.record(event(4))
  await settle()
  commits[2]?.end()
  await expect(next).resolves.toBeUndefined()
})

test('a database that stands still stops the answers, not the memory', async () => {
  const { recorder, commits } = held(4)
  const waiting = [recorder.record(event(1))]
  await settle()
  const later = await Promise.race([
    Promise.allSettled(Array.from({ length: 10 }, (_, n) => recorder.record(event(n)))),
    settle().then(() => 'still waiting'),
  ])
  expect(later).toBe('still waiting')
  await expect(recorder.record(event(99))).rejects.toMatchObject({ reason: 'audit_unavailable' })
  commits[0]?.end()
  await Promise.all(waiting)
})
