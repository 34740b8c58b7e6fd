import { expect, test } from 'vitest'
import { askedTogether } from './asked-together.ts'

/** Something that answers when the test says, with what it holds at that time. */
function held() {
  const values = new Map<string, number>()
  const questions: { keys: string[]; answer: () => void; fail: (error: Error) => void }[] = []
  const find = askedTogether<string, number>(
    (keys) =>
      new Promise((resolve, reject) => {
        const read = new Map(values)
        questions.push({ keys, answer: () => resolve(read), fail: reject })
      }),
  )
  return { values, questions, find }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('whoever asks while a question is on its way is answered by the next, which they share', async () => {
  const { values, questions, find } = held()
  values.set('a', 1)
  const first = find('a')
  await settle()
  values.set('a', 2)
  const later = [find('a'), find('b'), find('a')]
  questions[0]?.answer()
  expect(await first).toBe(1)
  await settle()
  expect(questions.map(({ keys }) => keys)).toEqual([['a'], ['a', 'b']])
  questions[1]?.answer()
  expect(await Promise.all(later)).toEqual([2, undefined, 2])
})

test('nothing is kept: the same key is asked again', async () => {
  const { values, questions, find } = held()
  values.set('a', 1)
  const first = find('a')
  questions[0]?.answer()
  expect(await first).toBe(1)
  await settle()
  values.delete('a')
  const second = find('a')
  questions[1]?.answer()
  expect(await second).toBeUndefined()
})

test('a failure is told to those who waited for it, and the next question is asked', async () => {
  const { values, questions, find } = held()
  const failing = Promise.allSettled([find('a')])
  await settle()
  const next = find('a')
  questions[0]?.fail(new Error('gone'))
  expect(await failing).toMatchObject([{ status: 'rejected' }])
  await settle()
  values.set('a', 3)
  questions[1]?.answer()
  expect(await next).toBeUndefined()
})
