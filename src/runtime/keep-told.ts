/** Telling clients of sign-outs by the clock in a Node process; on Workers it is one of the jobs. */

import { deliverDue } from '../deliveries/deliver.ts'
import type { Services } from '../services.ts'
import { byTimer, type Scheduler } from './keep-swept.ts'

/** How long a sign-out waits here before it is told of. */
const everyMs = 2_000

/** A turn that fails is said and comes again: what was not told of is still there. */
export const keepTold = (services: Services, schedule: Scheduler = byTimer): (() => Promise<void>) =>
  schedule(
    () =>
      deliverDue(services).catch((error: unknown) =>
        services.log('error', 'clients not told', { error: String(error) }),
      ),
    everyMs,
  )
