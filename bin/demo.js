// `npm run demo`.
import './compile-cache.js'
import { source } from './sources.js'

await import(source('demo/main'))
