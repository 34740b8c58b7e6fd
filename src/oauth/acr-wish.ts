/**
 * How strongly a client wants the person to have signed in: `acr_values` (voluntary, OpenID Connect Core §3.1.2.1, RFC 9470
 * §4) or the claim `acr`, essential or not (§5.5.1.1). A stronger sign-in satisfies a weaker wish.
 */

import { acrAtLeast, acrOrder, type Acr } from '../tokens/claims.ts'

export interface AcrWish {
  /** Of the values named, those we know; weakest first. Empty: it cannot be met. */
  values: Acr[]
  /** Without it nothing is granted. */
  essential: boolean
}

/** Undefined when nothing we know is wished for and nothing is lost by that. */
export function wishOf(values: readonly string[], essential: boolean): AcrWish | undefined {
  const known = acrOrder.filter((acr) => values.includes(acr))
  return known.length > 0 || essential ? { values: known, essential } : undefined
}

export const meets = ({ values }: AcrWish, acr: Acr): boolean =>
  values.some((value) => acrAtLeast(acr, value))

/** What tokens then say: of an essential wish one of its own values (§5.5.1.1), never more than what happened. */
export const statedAcr = (wish: AcrWish | undefined, acr: Acr): Acr =>
  (wish?.essential && wish.values.findLast((value) => acrAtLeast(acr, value))) || acr
