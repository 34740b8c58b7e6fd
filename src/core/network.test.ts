import { expect, test } from 'vitest'
import { clientAddress, inBlocks, networkOf, parseAddress } from './network.ts'

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0::/48'],
  ['256.0.0.1', 'unknown'],
  ['1.2.3', 'unknown'],
  ['', 'unknown'],
  ['1::2::3', 'unknown'],
  ['1:2:3:4:5:6:7:8:9', 'unknown'],
])('%j comes from %j', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  ['10.1.2.3', ['10.0.0.0/8'], true],
  ['11.1.2.3', ['10.0.0.0/8'], false],
  ['10.1.2.3', ['10.1.2.3'], true],
  ['2001:db8::5', ['2001:db8::/32'], true],
  ['10.1.2.3', ['::/0'], true],
  ['nonsense', ['0.0.0.0/0'], false],
  ['10.1.2.3', ['nonsense'], false],
])('is %j inside %j? %j', (address, blocks, expected) => {
  expect(inBlocks(address, blocks)).toBe(expected)
})

test('a forwarded address is believed from a configured peer only', () => {
  const proxies = ['10.0.0.0/8']
  expect(clientAddress('192.0.2.1', '203.0.113.9', proxies)).toBe('192.0.2.1')
  expect(clientAddress('10.0.0.1', '203.0.113.9', proxies)).toBe('203.0.113.9')
  expect(clientAddress('10.0.0.1', null, proxies)).toBe('10.0.0.1')
})

test('a caller cannot choose his network by writing the header before the proxy does', () => {
  expect(clientAddress('10.0.0.1', '198.51.100.1, 203.0.113.9, 10.0.0.2', ['10.0.0.0/8'])).toBe('203.0.113.9')
})

test('an IPv4 address is mapped into IPv6', () => {
  expect(parseAddress('1.2.3.4')?.slice(10)).toEqual(Uint8Array.of(255, 255, 1, 2, 3, 4))
})
