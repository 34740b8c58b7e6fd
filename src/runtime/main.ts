/** `npm start`. Whatever takes time to import goes through quick-imports, so it is imported after it. */

import './quick-imports.ts'
import { serve } from './serve.ts'

// The data directory, its files and its sockets are for their owner alone.
process.umask(0o077)
await serve(process.env)
