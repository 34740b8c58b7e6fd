import { expect, test } from 'vitest'
import { isPublicAddress, outboundAddress } from './outbound-address.ts'

test.each(['https://keys.example/jwks', 'https://8.8.8.8/jwks', 'https://[2606:4700::1111]:8443/jwks?x=1'])(
  '%s may be called',
  (address) => {
    expect(outboundAddress(address, [])?.url.href).toBe(address)
  },
)

test.each([
  'http://keys.example/jwks',
  'ftp://keys.example/jwks',
  'file:///etc/passwd',
  'data:application/json,{}',
  'not an address',
  'https://me:secret@keys.example/jwks',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://0x7f.0.0.1./',
  'https://0/',
  'https://10.0.0.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://172.31.0.1/',
  'https://192.168.1.1/',
  'https://198.19.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://１２７.0.0.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[::127.0.0.1]/',
  'https://[fe80::1]/',
  'https://[fec0::1]/',
  'https://[fd00::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b:1::1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:0:7f00:1::]/',
  'https://[2001:db8::1]/',
  'https://[ff02::1]/',
  `https://keys.example/${'a'.repeat(2000)}`,
])('an address that leads inside is refused: %s', (address) => {
  expect(outboundAddress(address, [])).toBeUndefined()
})

test('an exception is an origin, and not one that begins like it', () => {
  const exceptions = ['http://127.0.0.1:9000']
  expect(outboundAddress('http://127.0.0.1:9000/jwks', exceptions)?.excepted).toBe(true)
  expect(outboundAddress('http://127.0.0.1:90001/jwks', exceptions)).toBeUndefined()
  expect(outboundAddress('http://127.0.0.1:9000@10.0.0.1/', exceptions)).toBeUndefined()
  expect(outboundAddress('https://127.0.0.1:9000/', exceptions)).toBeUndefined()
})

test('what a name server may answer is judged in every spelling', () => {
  for (const inside of [
    '127.0.0.1',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    'fe80::1%eth0',
    'nonsense',
    '',
  ])
    expect(isPublicAddress(inside)).toBe(false)
  for (const outside of ['8.8.8.8', '223.255.255.1', '2606:4700::1111'])
    expect(isPublicAddress(outside)).toBe(true)
})
