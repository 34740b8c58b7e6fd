/** How one thing of the past is done: a sign-in, a grant and its token, each by the product's own act at its own time. */

import type { AccessHead, EventHead } from '../audit/event.ts'
import type { Pseudonyms } from '../audit/pseudonym.ts'
import { record } from '../audit/store.ts'
import { base64url, randomBytes } from '../core/bytes.ts'
import { mintId, type ClientId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import { insertGrant } from '../grants/store.ts'
import { beginSession, type Session } from '../people/session.ts'
import type { Services } from '../services.ts'
import type { CastInGarde, Player } from './cast-in-garde.ts'
import type { PracticeName } from './data/cast.ts'
import type { Chance } from './data/random.ts'

/** Something that happens at a time; they are done in order. */
export interface Act {
  at: Seconds
  run(services: Services): Promise<void>
}

export interface Past {
  cast: CastInGarde
  client: ClientId
  /** Name of the records API as a resource, and its audience. */
  resource: { name: string; audience: string }
  /** Patients' ids by practice. */
  patients: Record<PracticeName, string[]>
  pseudonyms: Pseudonyms
  chance: Chance
  /** Device cookie by person: after the first time, a browser is known. */
  devices: Map<string, string>
}

export const networks: Record<PracticeName, string> = {
  'cabinet-des-tilleuls': '192.0.2.0/24',
  'msp-de-la-garenne': '198.51.100.0/24',
  'infirmiers-du-canal': '203.0.113.0/24',
}
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
export const headOf = (services: Services, session: Session): EventHead => ({
  at: services.clock.now(),
  request: mintId('request'),
  network: session.network,
  actor: session.holder,
})

export async function signIn(
  services: Services,
  past: Past,
  player: Player,
  practice?: PracticeName,
): Promise<Session> {
  const known = past.devices.get(player.key)
  const { session, deviceCookie } = await beginSession(services, {
    holder: player.holder,
    acr: 'garde:passkey',
    amr: ['swk', 'user', 'mfa', 'phr'],
    credential: player.credential,
    ...(known !== undefined && { deviceCookie: known }),
    network: practice ? networks[practice] : '192.0.2.0/24',
    userAgent,
    sharedDesk: false,
    request: mintId('request'),
  })
  past.devices.set(player.key, deviceCookie)
  return session
}

export async function authorise(
  services: Services,
  past: Past,
  session: Session,
  membership: Player['memberships'][number],
): Promise<AccessHead> {
  const { holder } = session
  if (holder.kind !== 'practitioner') throw new Error('only practitioners are granted anything')
  const at = services.clock.now()
  const grant = {
    id: mintId('grant'),
    client: past.client,
    practitioner: holder.id,
    practice: past.cast.practices[membership.practice],
    membership: membership.id,
    session: session.id,
    scope: 'openid profile user/*.cruds',
    resource: past.resource.audience,
    acr: session.acr,
    amr: session.amr,
    authTime: session.authTime,
    nonce: null,
    jkt: null,
    context: {},
    createdAt: at,
    endedAt: null,
  }
  const jti = base64url(randomBytes(16))
  const issued = { grant: grant.id, client: past.client, practitioner: holder.id, jti, expiresAt: at + 300 }
  await services.db.transaction(async (tx) => {
    await insertGrant(tx, headOf(services, session), grant)
    await record(tx, { ...headOf(services, session), kind: 'token.issued', ...issued, by: 'code' })
  })
  return {
    practitioner: holder.id,
    practice: grant.practice,
    client: past.client,
    session: session.id,
    grant: grant.id,
    jti,
    resource: past.resource.name,
    route: 'read',
    method: 'GET',
    basis: { sequence: session.facts.session_sequence, ageMs: 140, tier: 'fresh' },
  }
}
