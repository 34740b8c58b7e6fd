/** How long a one-time link may live: what the people folder allows, a day unless said. */

import { z } from 'zod'
import { enrolmentLifetime } from '../people/enrolment.ts'

const { shortest, longest } = enrolmentLifetime

export const invitationBody = z.strictObject({
  lifetimeSeconds: z.int().min(shortest).max(longest).default(longest),
})
