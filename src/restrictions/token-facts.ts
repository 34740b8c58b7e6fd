/** What restrictions are judged on when all there is is a token. */

import type { ClientId } from '../core/ids.ts'
import { isPerson, type AccessClaims, type Act, type PersonClaims } from '../tokens/claims.ts'
import type { Facts } from './facts.ts'

/**
 * A service proves itself each time it asks for a token, so its proof is as old as the token, and what ends sessions ends
 * every token issued before.
 */
export const factsOfToken = (claims: AccessClaims, safe: boolean): Facts => ({
  practice: claims.practice,
  client: claims.client_id,
  sessionSequence: claims.session_sequence,
  safe,
  ...(isPerson(claims)
    ? {
        practitioner: claims.sub,
        session: claims.sid,
        grant: claims.grant_id,
        authTime: claims.auth_time,
        ...(claims.act && { through: throughOf(claims) }),
      }
    : { authTime: claims.iat }),
})

/** Cutting any of them cuts what comes through all of them. */
const throughOf = ({ granted_to, act }: PersonClaims): ClientId[] => [
  ...(granted_to === undefined ? [] : [granted_to]),
  ...actorsOf(act),
]

const actorsOf = (act: Act | undefined): ClientId[] => (act ? [act.sub, ...actorsOf(act.act)] : [])
