/** What acts and pages about clients need of the protocol's endpoints, which are a feature of their own: lent by `app.ts`. */

import type { ClientId } from '../core/ids.ts'
import type { Checked } from './check/finding.ts'
import type { Endpoints } from './recipes/recipe.ts'

export interface Protocol {
  endpoints: Endpoints
  /** Why an address fails, asked of the steps that refuse it. `client`: whose return address it should be. */
  explain(address: string, client?: ClientId): Promise<Checked>
}
