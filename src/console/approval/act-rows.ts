/**
 * What an act would do, field by field, and what stands there now: whoever approves must see all of it. Names of fields
 * are those of the admin API, as the script that asked wrote them.
 */

import type { ClientId } from '../../core/ids.ts'
import { findClient } from '../../clients/store.ts'
import type { Loosening, LooseningKind } from '../../operators/loosening.ts'
import { findPractice } from '../../people/practices.ts'
import { findPractitioner } from '../../people/practitioners.ts'
import type { Services } from '../../services.ts'

export interface Row {
  name: string
  value: string
  /** What is there now, where that differs; empty where there is nothing yet. */
  before?: string
}

/** Arrays are one value; members of objects are named by their path. */
export function flatten(value: unknown, path = ''): Row[] {
  if (Array.isArray(value)) return [{ name: path, value: value.map(plain).join(', ') }]
  if (typeof value !== 'object' || value === null) return [{ name: path, value: plain(value) }]
  return Object.entries(value)
    .filter(([name, member]) => member !== undefined && !(path === '' && name === 'kind'))
    .flatMap(([name, member]) => flatten(member, path === '' ? name : `${path}.${name}`))
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Of a change to what exists, `before` where it would differ, when `compared`. */
export async function rowsOf(services: Services, act: Loosening, compared: boolean): Promise<Row[]> {
  const current = compared ? await currentOf(services, act) : undefined
  if (!current) return flatten(act)
  const now = new Map(flatten(current).map(({ name, value }) => [name, value]))
  return flatten(act).map((row) => {
    const before = now.get(row.name) ?? ''
    return before === row.value ? row : { ...row, before }
  })
}

/** For kinds that may change what exists: what exists, under the names of the act. */
const currents: {
  [Kind in LooseningKind]?: (services: Services, act: Loosening<Kind>) => Promise<object | undefined>
} = {
  'save-client': async ({ db }, { client: { id } }) => {
    const client = id && (await findClient(db, id as ClientId))
    return client ? { client } : undefined
  },
  'save-resource': async ({ resources }, { resource: { name } }) => {
    const resource = resources.all().find((each) => each.name === name)
    return resource && { resource }
  },
  'change-practice': async (services, { practice }) => ({
    practice,
    change: await findPractice(services, practice),
  }),
  'change-practitioner': async (services, { practitioner }) => ({
    practitioner,
    change: await findPractitioner(services, practitioner),
  }),
}

async function currentOf<Kind extends LooseningKind>(
  services: Services,
  act: Loosening<Kind>,
): Promise<object | undefined> {
  const current: (typeof currents)[Kind] = currents[act.kind]
  return current?.(services, act)
}
