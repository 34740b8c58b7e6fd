/** Options of clients that weaken what protects people, said aloud at every start. A row each. */

import type { Client, ClientOptions } from './client.ts'

const dangerous: Partial<Record<keyof ClientOptions, string>> = {
  allowMissingPkce: 'may have people sign in without PKCE: a code stolen on its way is worth a login',
}

/** Sentences; none for a client that is disabled. */
export const dangersOf = (clients: readonly Client[]): string[] =>
  clients.flatMap(({ id, options, disabledAt }) =>
    Object.entries(dangerous).flatMap(([option, says]) =>
      disabledAt === undefined && options[option as keyof ClientOptions] === true
        ? [`DANGEROUS: ${id} ${says} (${option}).`]
        : [],
    ),
  )
