// `npm start`.
import './compile-cache.js'

await import('../src/runtime/main.ts')
