/** `npm ci` runs this at its end. A failure costs the first start seconds and nothing else, so it does not fail the install. */

import { prepareDatabase } from './prepared-database.ts'

try {
  await prepareDatabase()
} catch (error) {
  process.stderr.write(
    `The embedded database could not be prepared; the first start creates it: ${String(error)}\n`,
  )
}
