/** What a person let applications have, one entry an application: several devices and practices are several grants. Pure. */

import { scopeNames } from '../clients/scope.ts'
import type { ClientId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { ListedConsent } from '../grants/consent-store.ts'
import type { ListedGrant } from '../grants/store.ts'

export interface ApplicationRow {
  client: ClientId
  name: string
  /** Space-separated: what it may do now, or, where it is not open, what was consented to. */
  scope: string
  practices: string[]
  since: Seconds
  /** Undefined while it is open nowhere. */
  open?: { lastUsedAt: Seconds; userAgents: string[] }
}

/** `grants`: those that stand. Open ones first, last used first; then those that may come back without being asked about. */
export function applicationsOf(grants: ListedGrant[], consents: ListedConsent[]): ApplicationRow[] {
  const opened = [...Map.groupBy(grants, ({ client }) => client).values()].flatMap((its) => {
    const [first] = its
    return first ? [openRow(first, its)] : []
  })
  const shut = consents.filter(({ client }) => !opened.some((row) => row.client === client))
  return [
    ...opened.toSorted((a, b) => (b.open?.lastUsedAt ?? 0) - (a.open?.lastUsedAt ?? 0)),
    ...shut.map(({ client, clientName, scope, givenAt }) => ({
      client,
      name: clientName,
      scope,
      practices: [],
      since: givenAt,
    })),
  ]
}

const openRow = ({ client, clientName }: ListedGrant, its: ListedGrant[]): ApplicationRow => ({
  client,
  name: clientName,
  scope: scopeNames(its.map(({ scope }) => scope).join(' ')).join(' '),
  practices: [...new Set(its.map(({ practiceName }) => practiceName))],
  since: Math.min(...its.map(({ createdAt }) => createdAt)),
  open: {
    lastUsedAt: Math.max(...its.map(({ lastUsedAt }) => lastUsedAt)),
    userAgents: [...new Set(its.map(({ userAgent }) => userAgent))],
  },
})
