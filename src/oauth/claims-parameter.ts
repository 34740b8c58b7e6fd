/** The `claims` parameter: OpenID Connect Core §5.5. What we do not know, or the client may not have, is passed over. */

import { z } from 'zod'
import type { Client } from '../clients/client.ts'
import { Refusal } from '../core/refusal.ts'
import type { GrantContext } from '../grants/grant.ts'
import { wishOf, type AcrWish } from './acr-wish.ts'
import type { Fields } from './fields.ts'
import { personClaimNames, personClaims } from './person.ts'

/** §5.5.1; members nobody has defined are allowed, and ignored. */
const wish = z
  .object({
    essential: z.boolean().optional(),
    value: z.unknown().optional(),
    values: z.array(z.unknown()).optional(),
  })
  .nullable()
const member = z.record(z.string(), wish).nullable().optional()
const shape = z.object({ id_token: member, userinfo: member })
type Member = z.output<typeof member>

export interface AskedClaims {
  named?: NonNullable<GrantContext['claims']>
  acr?: AcrWish
  /** The answer must be about this person (§5.5.1). */
  subject?: string
}

/** Refuses `malformed_request` for what is not JSON of that shape. */
export function readClaims(client: Client, fields: Fields): AskedClaims {
  const sent = fields['claims']
  if (!sent) return {}
  const { id_token: inIdToken, userinfo } = parseClaims(sent)
  const named = { id_token: namesIn(inIdToken, client), userinfo: namesIn(userinfo, client) }
  const acr = inIdToken?.['acr']
  const acrWish = acr && (acr.value !== undefined || acr.values) ? wishIn(acr) : undefined
  const subject = subjectIn([inIdToken, userinfo])
  return {
    ...((named.id_token.length > 0 || named.userinfo.length > 0) && { named }),
    ...(acrWish && { acr: acrWish }),
    ...(subject !== undefined && { subject }),
  }
}

function parseClaims(sent: string): z.output<typeof shape> {
  try {
    return shape.parse(JSON.parse(sent))
  } catch {
    throw new Refusal('malformed_request', { fault: 'claims' })
  }
}

const namesIn = (asked: Member, client: Client): string[] =>
  personClaimNames.filter(
    (name) => asked && Object.hasOwn(asked, name) && client.scopes.includes(personClaims[name].scope),
  )

const wishIn = ({ value, values = [], essential = false }: NonNullable<z.output<typeof wish>>) =>
  wishOf(
    [value, ...values].filter((one) => typeof one === 'string'),
    essential,
  )

/** Two that differ are nobody. Refuses `malformed_request`. */
function subjectIn(members: Member[]): string | undefined {
  const subjects = members.flatMap((asked) => {
    const { value, values } = asked?.['sub'] ?? {}
    return [...(value === undefined ? [] : [value]), ...(values ?? [])]
  })
  const [subject] = subjects
  if (subject === undefined) return undefined
  if (typeof subject !== 'string' || subjects.some((other) => other !== subject))
    throw new Refusal('malformed_request', { fault: 'claims: sub' })
  return subject
}

/** What a person consents to: a claim asked for by name is worth the scope that gives it. */
export const consentedTo = ({
  scopes,
  claims,
}: {
  scopes: string[]
  claims?: AskedClaims['named']
}): string[] => [
  ...new Set([
    ...scopes,
    ...personClaimNames
      .filter((name) => claims?.id_token?.includes(name) || claims?.userinfo?.includes(name))
      .map((name) => personClaims[name].scope),
  ]),
]
