/** Whom a token may be for (RFC 8707 §2). */

import type { Client } from '../clients/client.ts'
import type { Services } from '../services.ts'

export type AudienceNeeds = Pick<Services, 'resources' | 'config'>

/**
 * A client of no resource only signs people in: its tokens are for us, who answer at userinfo, and open nothing at a
 * gateway. Undefined: it has several, and must say which.
 */
export const usualAudience = (
  { config }: AudienceNeeds,
  { resources }: Pick<Client, 'resources'>,
): string | undefined => (resources.length > 1 ? undefined : (resources[0] ?? config.issuer))

/** Also asked when tokens are renewed: what was taken from the client, or is served no more, is not issued for. */
export function mayReach(
  { resources, config }: AudienceNeeds,
  client: Pick<Client, 'resources'>,
  audience: string,
): boolean {
  const served = resources.findByAudience(audience) !== undefined
  return client.resources.length === 0
    ? audience === config.issuer && !served
    : client.resources.includes(audience) && served
}
