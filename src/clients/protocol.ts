/** What acts and pages about clients need of the protocol's endpoints, which are a feature of their own: lent by `app.ts`. */

import type { Endpoints } from './recipes/recipe.ts'

export interface Protocol {
  endpoints: Endpoints
}
