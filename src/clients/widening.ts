/** Does saving this give a client more than it has? Pure. What only narrows, or repeats what is there, does not. */

import type { Client, ClientInput } from './client.ts'

const lists = ['redirectUris', 'postLogoutRedirectUris', 'scopes', 'resources'] as const

/** A new client widens when it would skip consent; its name is what people trust, its secret is who it is. */
export function widens(before: Client | undefined, input: ClientInput): boolean {
  if (!before) return input.firstParty
  return (
    (input.firstParty && !before.firstParty) ||
    input.name !== before.name ||
    input.profile !== before.profile ||
    input.renewSecret ||
    (input.options.defaultMaxAge ?? Infinity) > (before.options.defaultMaxAge ?? Infinity) ||
    toldElsewhere(before, input) ||
    lists.some((list) => input[list].some((value) => !before[list].includes(value)))
  )
}

/** Who leaves when, and under which subject, is told to whoever answers there; a client that stops being told learns less. */
const toldElsewhere = (
  { options: before }: Client,
  { options: { backchannelLogoutUri: uri } }: ClientInput,
) => uri !== undefined && uri !== before.backchannelLogoutUri
