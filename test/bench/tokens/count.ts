/** How often each request asks the database, which is behind a wire that counts. */

import type { CountedPostgres } from '../../support/counted-postgres.ts'
import type { Subject } from './subject.ts'
import { tokensIn } from './subject.ts'
import { Wire } from './wire.ts'

const repetitions = 3

/** Statements by path, `begin` and `commit` included; the fewest of several times, since connections are opened too. */
export async function countStatements(
  subject: Subject,
  counted: Pick<CountedPostgres, 'take'>,
): Promise<Record<string, number>> {
  const wire = await Wire.open(subject.port)
  const seen = new Map<string, number>()
  const label = (name?: string) => {
    wire.observe = (path) => {
      const count = counted.take().length
      const key = name ?? path
      seen.set(key, Math.min(count, seen.get(key) ?? Infinity))
    }
    counted.take()
  }
  try {
    for (let time = 0; time < repetitions; time++) {
      label()
      const { refresh_token } = await subject.flow(wire, time)
      label('refresh')
      tokensIn(await wire.ask(subject.refresh(refresh_token)))
      label('client_credentials')
      const { access_token } = tokensIn(await wire.ask(subject.clientCredentials))
      label('introspection')
      await wire.ask(subject.introspection(access_token))
    }
  } finally {
    wire.close()
  }
  return Object.fromEntries(seen)
}
