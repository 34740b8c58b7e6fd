/** Protected APIs as saved, and the table of them in memory: swapped whole, so that what was compiled from it can be kept. */

import { asc } from 'drizzle-orm'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { parse } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { resources } from '../db/schema.ts'
import { resourceShape, type Resource, type ResourceTable } from './resource.ts'

export async function openResourceTable(db: Db): Promise<ResourceTable> {
  let all: readonly Resource[] = await findResources(db)
  return {
    all: () => all,
    findByAudience: (audience) => all.find((resource) => resource.audience === audience),
    async reload() {
      all = await findResources(db)
    },
  }
}

/** A row saved by an older version gains the defaults of this one; one that no longer parses stops the start. */
async function findResources(db: Db): Promise<Resource[]> {
  const rows = await db.select({ resource: resources.resource }).from(resources).orderBy(asc(resources.name))
  return rows.map(({ resource }) => parse(resourceShape, resource))
}

interface Saving {
  db: Db
  resources: ResourceTable
}

/** Of two bases inside each other, one would take the other's calls. */
const nest = (a: string, b: string): boolean => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)

/** First segments that are Garde's own pages and endpoints. */
const reserved = /^\/(oauth|signin|account|console|admin|incidents|ui|assets|enrol|healthz|readyz)(\/|$)/

/** Creates or replaces by name. Refuses `malformed_request`, and `conflict` when base or audience is another's, or stands inside it. */
export async function saveResource(services: Saving, head: EventHead, input: unknown): Promise<Resource> {
  const resource = parse(resourceShape, input)
  if (reserved.test(resource.base)) throw new Refusal('malformed_request', { base: 'reserved' })
  await services.db.transaction(async (tx) => {
    const others = (await findResources(tx)).filter(({ name }) => name !== resource.name)
    if (others.some(({ base, audience }) => nest(base, resource.base) || audience === resource.audience))
      throw new Refusal('conflict', { field: 'base or audience' })
    await keep(tx, resource, head.at)
    await record(tx, {
      ...head,
      kind: 'resource.saved',
      resource: resource.name,
      upstream: resource.upstream,
    })
  })
  await services.resources.reload()
  return resource
}

const keep = (db: Db, resource: Resource, savedAt: Seconds) =>
  db
    .insert(resources)
    .values({ name: resource.name, resource, savedAt })
    .onConflictDoUpdate({ target: resources.name, set: { resource, savedAt } })
