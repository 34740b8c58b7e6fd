/**
 * Imported before everything else by each program. Node asks the disk where each import leads and reads the manifest of a
 * package again for each of its modules (drizzle's is 179 KB): a third of the start. What is known is said here.
 */

import { registerHooks, type ResolveFnOutput } from 'node:module'
import { extname } from 'node:path'

/** Packages of which every relative import that names its `.js` file is an ES module of the same package. */
const modular = /\/node_modules\/(drizzle-orm|hono|@hono\/node-server|jose|zod|@noble\/hashes|@scure\/base)\//
/** Our own sources; nothing under a node_modules of theirs. */
const ours = new URL('../', import.meta.url).href

/** As they lie in the repository, and as they are packed. */
const formats: Record<string, string> = { '.ts': 'module-typescript', '.js': 'module' }

/** How our own files' imports of packages were resolved, by what they say. */
const known = new Map<string, ResolveFnOutput>()

registerHooks({
  resolve: (specifier, context, next) => {
    const parent = context.parentURL ?? ''
    const relative = specifier.startsWith('.')
    if (parent.startsWith(ours)) {
      const format = relative ? formats[extname(specifier)] : undefined
      if (format) return { url: new URL(specifier, parent).href, format, shortCircuit: true }
      if (relative || specifier.startsWith('node:') || !context.conditions.includes('import'))
        return next(specifier, context)
      const resolved = known.get(specifier) ?? { ...next(specifier, context), shortCircuit: true }
      known.set(specifier, resolved)
      return resolved
    }
    if (relative && specifier.endsWith('.js') && modular.test(parent))
      return { url: new URL(specifier, parent).href, format: 'module', shortCircuit: true }
    return next(specifier, context)
  },
})
