import { expect, test } from 'vitest'
import type { DeviceId } from '../core/ids.ts'
import { decideAttempt, sourceName, type Source, type Tally } from './lockout.ts'

const now = 1_795_420_800
const device: Source = { kind: 'device', id: 'dev_known' as DeviceId }
const network: Source = { kind: 'network', network: '192.0.2.0/24' }
const none: Tally = { fromSource: 0, unknownToday: 0, inARow: 0 }

test.each<[string, Source, Partial<Tally>, string | undefined]>([
  ['nothing failed yet', network, {}, undefined],
  ['four failures from here', network, { fromSource: 4, unknownToday: 4 }, undefined],
  ['five failures from here', network, { fromSource: 5, unknownToday: 5 }, 'locked'],
  ['five failures from one’s own device', device, { fromSource: 5 }, 'locked'],
  ['a lock that still holds', network, { lockedUntil: now + 1 }, 'locked'],
  ['a lock that is over', network, { lockedUntil: now }, undefined],
  ['19 strange failures today', network, { unknownToday: 19 }, undefined],
  [
    '20 strange failures today, from a strange device',
    network,
    { unknownToday: 20 },
    'unknown-devices-spent',
  ],
  ['20 strange failures today, from a known device', device, { unknownToday: 20 }, undefined],
  ['99 in a row', device, { inARow: 99 }, undefined],
  ['100 in a row', device, { inARow: 100 }, 'in-a-row'],
])('%s', (_name, source, tally, why) => {
  const verdict = decideAttempt(source, { ...none, ...tally }, now)
  expect(verdict.allow ? undefined : verdict.why).toBe(why)
})

test('a device and a network never share a name', () => {
  expect(sourceName(device)).toBe('device:dev_known')
  expect(sourceName(network)).toBe('network:192.0.2.0/24')
})
