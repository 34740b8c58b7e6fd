/** Does saving this give a client more than it has? Pure. What only narrows, or repeats what is there, does not. */

import { authenticationOf, type Client, type ClientInput } from './client.ts'
import { grantTypesOf } from './profiles.ts'

const lists = ['redirectUris', 'postLogoutRedirectUris', 'scopes', 'resources'] as const

/** What a client demands of itself: dropping it is worth something to whoever has its name or its secret. */
const demands = ['pushedRequestsOnly', 'signedRequestsOnly', 'dpopRequired'] as const

/**
 * A new client widens when it would skip consent, or reads without anybody; its name is what people trust, its secret is
 * who it is.
 */
export function widens(before: Client | undefined, input: ClientInput): boolean {
  if (!before) return widensNew(input)
  return (
    (input.firstParty && !before.firstParty) ||
    input.name !== before.name ||
    input.profile !== before.profile ||
    input.renewSecret ||
    (input.options.defaultMaxAge ?? Infinity) > (before.options.defaultMaxAge ?? Infinity) ||
    toldElsewhere(before, input) ||
    actsMore(before, input) ||
    provesOtherwise(before, input) ||
    demands.some((option) => before.options[option] === true && input.options[option] !== true) ||
    (input.options.allowMissingPkce === true && before.options.allowMissingPkce !== true) ||
    lists.some((list) => input[list].some((value) => !before[list].includes(value)))
  )
}

const widensNew = (input: ClientInput): boolean =>
  input.firstParty ||
  input.practice !== undefined ||
  reaches(input).length > 0 ||
  input.options.allowMissingPkce === true

/** Who leaves when, and under which subject, is told to whoever answers there; a client that stops being told learns less. */
const toldElsewhere = (
  { options: before }: Client,
  { options: { backchannelLogoutUri: uri } }: ClientInput,
) => uri !== undefined && uri !== before.backchannelLogoutUri

/** Audiences whose tokens it may ask about, clients on whose tokens it may act, and those it may open on a patient. */
const reaches = ({ options }: Pick<ClientInput, 'options'>): string[] => [
  ...(options.introspects ?? []),
  ...(options.actsOnTokensOf ?? []),
  ...(options.launches ?? []).map((app) => `opens ${app}`),
]

/** In more ways, for another practice, on more patients, told of more tokens, or on those of more clients. */
const actsMore = (before: Client, input: ClientInput): boolean =>
  grantTypesOf(input.profile, input.grantTypes).some((type) => !before.grantTypes.includes(type)) ||
  (input.practice !== undefined && input.practice !== before.practice) ||
  (input.options.patientsPerDay ?? 0) > (before.options.patientsPerDay ?? 0) ||
  reaches(input).some((each) => !reaches(before).includes(each))

/** By another way, or by other keys: whoever holds them is the client. */
const provesOtherwise = (before: Client, input: ClientInput): boolean =>
  authenticationOf(input).some((method) => !authenticationOf(before).includes(method)) ||
  (input.options.jwksUri !== undefined && input.options.jwksUri !== before.options.jwksUri) ||
  (input.options.jwks?.keys ?? []).some(
    (key) => !(before.options.jwks?.keys ?? []).some((known) => sameKey(known, key)),
  )

const sameKey = (one: Record<string, unknown>, other: Record<string, unknown>): boolean =>
  Object.keys({ ...one, ...other }).every(
    (member) => JSON.stringify(one[member]) === JSON.stringify(other[member]),
  )
