/** Lists: at most `limit` items, and where the next ones begin. */

import { z } from 'zod'

const limit = z.coerce.number().int().min(1).max(500).default(100)

/** `after`: the `next` of the answer before. */
export const pageQuery = z.strictObject({ limit, after: z.string().max(100).optional() })

/** Numbers go down: the newest first. */
export const newestQuery = z.strictObject({ limit, before: z.coerce.number().int().positive().optional() })

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next: z.union([z.string(), z.int()]).optional() })

export interface Paged<Item> {
  items: Item[]
  next?: string | number
}

/** Of rows in a fixed order. A cursor whose row is gone begins anew rather than skipping anything. */
export function pageOf<Item>(
  rows: readonly Item[],
  asked: z.output<typeof pageQuery>,
  keyOf: (item: Item) => string,
): Paged<Item> {
  const from = asked.after === undefined ? 0 : rows.findIndex((row) => keyOf(row) === asked.after) + 1
  const items = rows.slice(from, from + asked.limit)
  return withNext(items, from + items.length < rows.length, keyOf)
}

/** Of rows read newest first, one more than asked for. */
export function newestOf<Item>(
  rows: readonly Item[],
  size: number,
  keyOf: (item: Item) => string | number,
): Paged<Item> {
  return withNext(rows.slice(0, size), rows.length > size, keyOf)
}

function withNext<Item>(items: Item[], more: boolean, keyOf: (item: Item) => string | number): Paged<Item> {
  const last = items.at(-1)
  return { items, ...(more && last !== undefined && { next: keyOf(last) }) }
}
