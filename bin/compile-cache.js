// Imported first by whatever starts. What Node made of the sources the last time (types stripped, code compiled) is kept
// beside the packages, where `npm ci` makes room for it. Plain JavaScript, since what is imported before this is not kept.
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const kept = fileURLToPath(new URL('../node_modules/.cache/garde/', import.meta.url))
// Another user than the one who installed may not write there: Node says so in its answer, and nothing is kept.
if (existsSync(kept)) enableCompileCache(`${kept}compile-cache`)
