// `npm ci` runs this at its end.
import { mkdirSync } from 'node:fs'

mkdirSync(new URL('../node_modules/.cache/garde/', import.meta.url), { recursive: true })
await import('./compile-cache.js')
await import('../src/runtime/prepare.ts')
