// `npm start`.
import './compile-cache.js'
import { source } from './sources.js'

await import(source('runtime/main'))
