import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advance,
  begin,
  emptyQueue,
  isOpen,
  isServed,
  join,
  mostInHeap,
  outlook,
  type Pace,
  type SignInQueue,
  type Standing,
} from './sign-in-queue.ts'

const pace: Pace = { perSecond: 10, burstSeconds: 5 }
/** Nothing saved up, nobody waiting. */
const busy = (at = 0): SignInQueue => ({ ...emptyQueue(at, pace), credit: 0 })

function joined(queue: SignInQueue, line: Standing['line'], count = 1) {
  const standings: Standing[] = []
  let after = queue
  for (let n = 0; n < count; n++) {
    const next = join(after, line)
    if (!next) break
    after = next.queue
    standings.push(next.standing)
  }
  return { queue: after, standings }
}
const servedOf = (queue: SignInQueue, standings: Standing[]) =>
  standings.filter((standing) => isServed(queue, standing)).length

test('while nobody waits, sign-ins begin at once, as many as were saved up, and then so many a second', () => {
  let queue: SignInQueue | undefined = emptyQueue(0, pace)
  for (let n = 0; n < 50; n++) queue = queue && begin(queue)
  expect(queue && begin(queue)).toBeUndefined()
  const later = advance(queue ?? busy(), pace, 1)
  expect(later.credit).toBe(10)
  expect(advance(later, pace, 1000).credit).toBe(50)
})

test('a clock that goes back gives nothing and takes nothing', () => {
  const { queue } = joined(busy(100), 'known', 5)
  expect(advance(queue, pace, 50)).toEqual(queue)
})

test('the first line is served in the order it came', () => {
  const { queue, standings } = joined(busy(), 'known', 25)
  expect([1, 2, 3].map((at) => servedOf(advance(queue, pace, at), standings))).toEqual([10, 20, 25])
  const second = advance(queue, pace, 1)
  expect(standings.findLastIndex((standing) => isServed(second, standing))).toBe(9)
})

test('of two networks that wait, the one with a thousand people does not hold up the one with three', () => {
  const flood = joined(busy(), 1, 1000)
  const practice = joined(flood.queue, 2, 3)
  const second = advance(practice.queue, pace, 1)
  expect(servedOf(second, practice.standings)).toBe(3)
  expect(servedOf(second, flood.standings)).toBe(7)
})

test('who is known is not held up by who is not, and nobody starves', () => {
  const flood = joined(busy(), 1, 3000)
  const { queue, standings } = joined(flood.queue, 'known', 800)
  const later = advance(queue, pace, 10)
  expect([servedOf(later, standings), servedOf(later, flood.standings)]).toEqual([80, 20])
})

test('a heap has an end, and the next to come there are told to look again', () => {
  const { queue } = joined(busy(), 7, mostInHeap)
  expect(join(queue, 7)).toBeUndefined()
  expect(join(queue, 8)).toBeDefined()
  expect(join(advance(queue, pace, 1), 7)).toBeDefined()
})

test.each<[string, (queue: SignInQueue) => { queue: SignInQueue; standings: Standing[] }, number, number]>([
  ['alone in the first line', (queue) => joined(queue, 'known'), 1, 1],
  ['the hundredth', (queue) => joined(queue, 'known', 100), 100, 10],
  ['behind a flood of strangers', (queue) => joined(joined(queue, 1, 3000).queue, 'known', 80), 80, 10],
  ['a stranger behind another network', (queue) => joined(joined(queue, 1, 3000).queue, 2, 5), 10, 1],
])('what is said of the wait: %s', (_name, arrive, ahead, waitSeconds) => {
  const { queue, standings } = arrive(busy())
  const last = standings.at(-1) ?? { line: 'known', turn: 0 }
  expect(outlook(queue, last, pace)).toEqual({ ahead, waitSeconds })
  expect(isServed(advance(queue, pace, waitSeconds), last)).toBe(true)
})

describe('any history', () => {
  const step = fc.record({
    wait: fc.nat(4),
    arrivals: fc.array(fc.oneof(fc.constant('known' as const), fc.nat(5)), { maxLength: 40 }),
  })
  const history = fc.array(step, { maxLength: 30 })

  test('no more begin than the pace allows, each line in its order, and everybody in the end', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let [now, queue] = [0, emptyQueue(0, pace)]
        let begun = 0
        const waiting = new Map<Standing['line'], Standing[]>()
        const all = () => [...waiting.values()].flat()
        for (const { wait, arrivals } of steps) {
          now += wait
          queue = advance(queue, pace, now)
          for (const line of arrivals) {
            const at = begin(queue)
            if (at) begun += 1
            const next = at ? undefined : join(queue, line)
            if (next) waiting.set(line, [...(waiting.get(line) ?? []), next.standing])
            queue = at ?? next?.queue ?? queue
          }
          for (const line of waiting.values()) {
            const served = line.map((standing) => isServed(queue, standing))
            expect(served.toSorted((a, b) => Number(b) - Number(a))).toEqual(served)
          }
          expect(begun + servedOf(queue, all())).toBeLessThanOrEqual(50 + now * 10 + 1e-6)
          if (isOpen(queue)) expect(servedOf(queue, all())).toBe(all().length)
        }
        const last = advance(queue, pace, now + Math.ceil(all().length / 10) + 1)
        expect(servedOf(last, all())).toBe(all().length)
      }),
      { numRuns: 200 },
    )
  })

  test('it comes out the same however often somebody looked', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.array(fc.nat(60), { minLength: 4, maxLength: 4 }),
        fc.array(fc.nat(9)),
        (known, others, looks) => {
          let queue = joined(busy(), 'known', known).queue
          others.forEach((count, line) => (queue = joined(queue, line, count).queue))
          let [looked, now] = [queue, 0]
          for (const wait of looks) looked = advance(looked, pace, (now += wait))
          const once = advance(queue, pace, now)
          expect(looked.known.served).toBeCloseTo(once.known.served, 6)
          expect(looked.others.served).toBeCloseTo(once.others.served, 6)
          expect(looked.credit).toBeCloseTo(once.credit, 6)
        },
      ),
    )
  })
})

describe('the morning after everybody’s sessions were ended', () => {
  interface Person {
    cameAt: number
    standing: Standing
    beganAt?: number
  }

  /** 23,000 known browsers from anywhere, 480 people without cookies on 20 networks, one network that floods. */
  function morning() {
    const rate: Pace = { perSecond: 30, burstSeconds: 5 }
    let queue = emptyQueue(0, rate)
    const lines = { known: [] as Person[], strangers: [] as Person[], flood: [] as Person[] }
    let [refused, atOnce] = [0, 0]
    const begunIn = new Map<number, number>()
    const arrive = (line: Standing['line'], people: Person[], cameAt: number) => {
      const begun = begin(queue)
      if (begun) {
        queue = begun
        atOnce += 1
        begunIn.set(cameAt, (begunIn.get(cameAt) ?? 0) + 1)
        return
      }
      const next = join(queue, line)
      if (!next) {
        if (people !== lines.flood) refused += 1
        return
      }
      queue = next.queue
      people.push({ cameAt, standing: next.standing })
    }
    for (let now = 0; now < 1200; now++) {
      queue = advance(queue, rate, now)
      for (const people of Object.values(lines)) {
        for (const person of people) {
          if (person.beganAt !== undefined) continue
          if (!isServed(queue, person.standing)) {
            // Of one line nobody behind is served either; heaps differ.
            if (people !== lines.strangers) break
            continue
          }
          person.beganAt = now
          begunIn.set(now, (begunIn.get(now) ?? 0) + 1)
        }
      }
      if (now < 300) {
        for (let n = 0; n < Math.floor(23_000 / 300); n++) arrive('known', lines.known, now)
        if (now % 10 === 0)
          for (let n = 0; n < 16; n++) arrive(100 + ((now / 10 + n) % 20), lines.strangers, now)
        for (let n = 0; n < 200; n++) arrive(7, lines.flood, now)
      }
    }
    return { rate, lines, refused, atOnce, begunIn }
  }
  const { rate, lines, refused, atOnce, begunIn } = morning()
  const wait = ({ cameAt, beganAt = Infinity }: Person) => beganAt - cameAt

  test('nobody is refused for their number, and everybody is in within twenty minutes', () => {
    expect(refused).toBe(0)
    expect(atOnce + lines.known.length).toBeGreaterThan(22_500)
    expect(lines.known.filter(({ beganAt }) => beganAt === undefined)).toEqual([])
    expect(lines.strangers.filter(({ beganAt }) => beganAt === undefined)).toEqual([])
  })

  test('never more than the pace allows', () => {
    let sum = 0
    for (let now = 0; now < 1200; now++) {
      sum += begunIn.get(now) ?? 0
      expect(sum).toBeLessThanOrEqual(150 + (now + 1) * rate.perSecond)
    }
  })

  test('who came first is in first', () => {
    const times = lines.known.map(({ beganAt }) => beganAt ?? Infinity)
    expect(times.toSorted((a, b) => a - b)).toEqual(times)
  })

  test('the flood waits behind itself: it holds up neither hospitals nor people without cookies', () => {
    // 23,000 at 24 to 30 a second.
    expect(Math.max(...lines.known.map(wait))).toBeLessThan(23_000 / 24)
    expect(Math.max(...lines.strangers.map(wait))).toBeLessThan(120)
  })
})
