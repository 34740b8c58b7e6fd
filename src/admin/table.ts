/** Every act of the admin API. The document, its page and the tests read this table. */

import { clientRoutes } from './clients.ts'
import { deliveryRoutes } from './deliveries.ts'
import { operatorRoutes } from './operators.ts'
import { peopleRoutes } from './people.ts'
import { practiceRoutes } from './practices.ts'
import { readingRoutes } from './readings.ts'
import { registrationTokenRoutes } from './registration-tokens.ts'
import { resourceRoutes } from './resources.ts'
import { restrictionRoutes } from './restrictions.ts'
import type { AdminRoute } from './route.ts'

export const adminTable: readonly AdminRoute[] = [
  ...restrictionRoutes,
  ...readingRoutes,
  ...practiceRoutes,
  ...peopleRoutes,
  ...operatorRoutes,
  ...clientRoutes,
  ...registrationTokenRoutes,
  ...deliveryRoutes,
  ...resourceRoutes,
]
