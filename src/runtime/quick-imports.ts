/**
 * Imported before everything else by each program. Node reads the manifest of a package again for each of its modules
 * and for each import of it; drizzle's is 179 KB, so importing it takes 0.9 s instead of 0.1. What is known is said here.
 */

import { registerHooks, type ResolveFnOutput } from 'node:module'

const name = 'drizzle-orm'
const inside = `/node_modules/${name}/`

/** How our own files' imports of it were resolved, by what they say. */
const known = new Map<string, ResolveFnOutput>()

registerHooks({
  resolve: (specifier, context, next) => {
    const parent = context.parentURL ?? ''
    // Every `./x.js` in there is an ES module of the same package.
    if (specifier.startsWith('.') && specifier.endsWith('.js') && parent.includes(inside))
      return { url: new URL(specifier, parent).href, format: 'module', shortCircuit: true }
    const ours = !parent.includes('/node_modules/')
    if (!ours || !(specifier === name || specifier.startsWith(`${name}/`))) return next(specifier, context)
    const resolved = known.get(specifier) ?? { ...next(specifier, context), shortCircuit: true }
    known.set(specifier, resolved)
    return resolved
  },
})
