/** One page of a search: sorted by a total order, cut after the cursor, which names the last item of the page before. */

import { Fault, type Stored } from './fhir.ts'
import { findParameter, valuesAt } from './search-parameters.ts'

const largestPage = 200
const usualPage = 20

export interface Page {
  items: Stored[]
  /** The query of the next page; absent on the last. */
  next?: URLSearchParams
}

interface Placed {
  item: Stored
  keys: string[]
}

export function pageOf(type: string, found: Stored[], query: URLSearchParams): Page {
  const count = countOf(query)
  if (count === 0 || query.get('_summary') === 'count') return { items: [] }
  const { place, compare } = order(type, query.get('_sort') ?? '_id')
  const sorted = found.map(place).toSorted((a, b) => compare(a.keys, b.keys))
  const cursor = readCursor(query.get('_cursor'))
  const rest = cursor ? sorted.filter(({ keys }) => compare(keys, cursor) > 0) : sorted
  const page = rest.slice(0, count)
  const items = page.map(({ item }) => item)
  const last = page.at(-1)
  if (!last || rest.length <= count) return { items }
  const next = new URLSearchParams(query)
  next.set('_cursor', Buffer.from(JSON.stringify(last.keys)).toString('base64url'))
  return { items, next }
}

function countOf(query: URLSearchParams): number {
  const asked = query.get('_count')
  if (asked === null) return usualPage
  if (!/^\d{1,6}$/.test(asked)) throw new Fault(400, 'invalid', '_count is a whole number')
  return Math.min(Number(asked), largestPage)
}

/** Sort keys as text; the id comes last, so that no two items tie. */
function order(type: string, sort: string) {
  const rules = sort.split(',').map((part) => {
    const name = part.replace(/^-/, '')
    const parameter = findParameter(type, name)
    if (!parameter) throw new Fault(400, 'not-supported', `${type} is not sorted by ${name.slice(0, 40)}`)
    return { parameter, direction: part.startsWith('-') ? -1 : 1 }
  })
  const place = (item: Stored): Placed => ({
    item,
    keys: [...rules.map(({ parameter }) => textOf(valuesAt(item, parameter)[0])), item.id],
  })
  const compare = (a: string[], b: string[]): number => {
    for (const [i, key] of a.entries()) {
      const other = b[i] ?? ''
      if (key !== other) return (key < other ? -1 : 1) * (rules[i]?.direction ?? 1)
    }
    return 0
  }
  return { place, compare }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''))

function readCursor(cursor: string | null): string[] | undefined {
  if (cursor === null) return undefined
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys
  } catch {
    // Not one of ours: said below.
  }
  throw new Fault(400, 'invalid', 'that cursor is not one of this server’s')
}
