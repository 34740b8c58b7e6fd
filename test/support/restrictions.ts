/** Services whose journal is the database's. */

import { createView } from '../../src/restrictions/view.ts'
import { databaseFeed } from '../../src/restrictions/feed.ts'
import { manualClock } from './clock.ts'
import { freshDatabase, testServices, type TestServices } from './services.ts'

export async function restrictionServices(): Promise<TestServices> {
  const database = await freshDatabase()
  const clock = manualClock()
  const restrictions = createView(databaseFeed(database), clock, { log: () => {} })
  await restrictions.catchUp()
  return testServices({ database, clock, restrictions })
}
