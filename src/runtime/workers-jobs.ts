/**
 * What is done by the clock on Workers, each minute and in this order: nothing there runs between requests. A Node process
 * on the same database may do the same at the same time, so each MUST be safe beside another that does it too.
 */

import { sequenceOnce } from '../audit/sequencer.ts'
import { forgetStrangers } from '../audit/strangers.ts'
import { deliverDue } from '../deliveries/deliver.ts'
import { sweep } from '../retention/sweep.ts'
import type { Services } from '../services.ts'
import { turnKeysOnce } from './keep-keys-turned.ts'

export interface Job {
  name: string
  run(services: Services): Promise<void>
}

export const jobs: readonly Job[] = [
  {
    name: 'sequencing',
    run: async (services) => {
      while ((await sequenceOnce(services)) > 0);
    },
  },
  { name: 'telling', run: async (services) => void (await deliverDue(services)) },
  { name: 'sweeping', run: async (services) => void (await sweep(services)) },
  { name: 'keys', run: async (services) => void (await turnKeysOnce(services)) },
  { name: 'strangers', run: ({ db, clock }) => forgetStrangers(db, clock.now()) },
]

/** One that fails does not keep the others from their turn; afterwards the platform is told, which alarms on it. */
export async function runJobs(services: Services, due: readonly Job[] = jobs): Promise<void> {
  const failures: unknown[] = []
  for (const { name, run } of due) {
    try {
      await run(services)
    } catch (error) {
      services.log('error', 'work by the clock failed', { work: name, error: String(error) })
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything was done')
}
