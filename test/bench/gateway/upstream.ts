/** The records API of the bench: 2 KB of JSON for every patient, and whose they are. */

import { serveToParent } from './child.ts'

const owner = JSON.stringify({ practice: 'bench' })
const record = JSON.stringify({ id: 'p1', text: 'x'.repeat(2048 - 22) })

await serveToParent((request, response) => {
  const body = request.url?.endsWith('/owner') ? owner : record
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
})
