/** What a person who starts the server is told: where it is, what waits for people, how to become the first operator. */

import { existsSync, readdirSync } from 'node:fs'
import { dangersOf } from '../clients/dangers.ts'
import { listClients } from '../clients/store.ts'
import { setupLink } from '../people/setup.ts'
import { dataDirectory } from './data-directory.ts'
import type { Garde } from './node.ts'

/** The link is a secret: it is for standard output, never for the log. */
export const announcement = async (garde: Garde): Promise<string[]> => [
  serves(garde),
  ...dangers(garde),
  ...dangersOf(await listClients(garde.services.db)),
  ...sharesLeft(garde),
  ...(await firstOperator(garde)),
]

function serves({ address, services }: Garde): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `Garde serves ${services.config.issuer} on ${host}:${address.port}`
}

const dangers = ({ services }: Garde): string[] =>
  services.config.dangerouslyAllowedOutbound.map(
    (origin) => `DANGEROUS: clients may have ${origin} called, wherever that is.`,
  )

/** Until two people have taken them away, this machine could name the patients of its log by itself. */
function sharesLeft({ services }: Garde): string[] {
  const { sealingShares } = dataDirectory(services.config.dataDirectory)
  if (!existsSync(sealingShares) || readdirSync(sealingShares).length === 0) return []
  return [`Give each file in ${sealingShares} to another person and remove it there.`]
}

async function firstOperator({ services }: Garde): Promise<string[]> {
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'start' } } as const
  const link = await setupLink(services, head)
  if (!link) return []
  return ['Open this link once to become the first operator (garde setup-link prints another):', link.url]
}
