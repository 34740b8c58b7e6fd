/** What a person who starts the server is told: where it is, and how to become the first operator. */

import { setupLink } from '../people/setup.ts'
import type { Garde } from './node.ts'

/** The link is a secret: it is for standard output, never for the log. */
export async function announcement({ address, services }: Garde): Promise<string[]> {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  const serves = `Garde serves ${services.config.issuer} on ${host}:${address.port}`
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'start' } } as const
  const link = await setupLink(services, head)
  if (!link) return [serves]
  return [
    serves,
    'Open this link once to become the first operator (garde setup-link prints another):',
    link.url,
  ]
}
