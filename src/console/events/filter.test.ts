import { expect, test } from 'vitest'
import { entriesOf, eventsAddress, parseFilter, without } from './filter.ts'

test('what is shown stands in the address, and the address says it again', () => {
  const filter = {
    view: 'refusals',
    practitioner: 'prt_martin',
    practice: 'prc_tilleuls',
    session: 'ses_one',
    since: 10,
    until: 20,
  } as unknown as ReturnType<typeof parseFilter>
  const address = new URL(eventsAddress(filter), 'https://x')
  expect(address.pathname + address.search).toBe(
    '/console/events?show=refusals&practitioner=prt_martin&practice=prc_tilleuls&session=ses_one&since=10&until=20',
  )
  expect(parseFilter(Object.fromEntries(address.searchParams))).toEqual(filter)
})

test('nothing asked for is the summary, with an address of nothing', () => {
  const filter = parseFilter({ show: '', practice: '', person: 'x' })
  expect(filter).toEqual({ view: 'summary' })
  expect(eventsAddress(filter)).toBe('/console/events')
})

test.each([
  [{ show: 'all' }, 'malformed_request'],
  [{ since: '1e3' }, 'malformed_request'],
  [{ until: '-1' }, 'malformed_request'],
  [{ practitioner: "prt_x' or 1=1" }, 'malformed_id'],
  [{ session: 'prt_martin' }, 'malformed_id'],
])('%j is refused: another view than the one asked for would mislead', (query, reason) => {
  expect(() => parseFilter(query)).toThrow(expect.objectContaining({ reason }))
})

test('a summary leaves out reads and sealed references, everything leaves out nothing', () => {
  const kinds = entriesOf({ view: 'summary' }).kinds ?? []
  expect(kinds).not.toContain('access.served')
  expect(kinds).not.toContain('patient.sealed')
  expect(kinds).toContain('access.refused')
  expect(entriesOf({ view: 'everything' })).toEqual({})
})

test('taking one thing off leaves the rest', () => {
  expect(without({ view: 'cuts', since: 1, until: 2 }, 'since')).toEqual({ view: 'cuts', until: 2 })
})
