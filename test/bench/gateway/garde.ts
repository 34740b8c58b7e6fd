/**
 * The gateway with everything it has when it serves for real: keys, restrictions and quotas over PostgreSQL, pseudonyms,
 * the audit log on a disk, and its shipping into the database. `argv`: the upstream's origin, a directory for the log,
 * the database's address.
 */

import { keepAudit } from '../../../src/audit/keeper.ts'
import { strangerSums } from '../../../src/audit/stranger-sums.ts'
import { parseConfig } from '../../../src/config.ts'
import { randomBytes } from '../../../src/core/bytes.ts'
import { mintId } from '../../../src/core/ids.ts'
import { systemClock as clock } from '../../../src/core/time.ts'
import { createPractice } from '../../../src/people/practices.ts'
import { saveResource } from '../../../src/resources/store.ts'
import { compose } from '../../../src/runtime/compose.ts'
import { composeGateway } from '../../../src/runtime/compose-gateway.ts'
import { createGateway } from '../../../src/gateway/gateway.ts'
import { serverBatchMs } from '../../../src/runtime/gateway-node.ts'
import { openPostgres } from '../../../src/runtime/postgres.ts'
import { primitives } from '../../../src/runtime/primitives.ts'
import { nodeGateway } from '../../../src/runtime/proxy.ts'
import { segmentFiles } from '../../../src/runtime/segment-files.ts'
import { openSpoolFile } from '../../../src/runtime/spool-file.ts'
import { openUpstreams } from '../../../src/runtime/upstreams.ts'
import { serveToParent } from './child.ts'

const [, , upstream = '', directory = '', databaseUrl = ''] = process.argv
const log = () => {}
const database = openPostgres(databaseUrl)
const config = parseConfig({ GARDE_ISSUER: 'http://localhost:4800' }, () => {
  throw new Error('no files')
})
const keyEncryptionKey = randomBytes(32)
const assets = { find: async () => undefined }
const throttle = { take: async () => ({ allowed: true as const }) }
const services = await compose({ config, database, keyEncryptionKey, log, clock, assets, throttle })
const { keys, restrictions } = services
await restrictions.follow()

const head = { at: clock.now(), actor: { kind: 'system' as const, id: 'bench' } }
const practice = await createPractice(
  services,
  { name: 'Bench', recordsName: 'bench', secretSignIn: true },
  head,
)
const audience = 'http://localhost:4800/records'
await saveResource(services, head, {
  kind: 'rest',
  name: 'records',
  audience,
  base: '/records',
  upstream: `${upstream}/api`,
  lookup: { path: '/patients/:patient/owner', practice: '/practice' },
  routes: [
    {
      name: 'patient',
      methods: ['GET'],
      path: '/patients/:patient',
      scopes: ['records.read'],
      patient: { from: 'path', parameter: 'patient' },
    },
  ],
})

const spool = await openSpoolFile({
  files: await segmentFiles(directory),
  node: 'bench',
  primitives,
  clock,
  sign: (data) => keys.signCheckpoint(data),
  log,
})
const strangers = strangerSums()
const audit = await keepAudit({ ...services, spool, strangers, batchMs: serverBatchMs })
const upstreams = openUpstreams()
const gateway = createGateway(
  await composeGateway(services, {
    spool,
    strangers,
    forwarder: upstreams,
    node: 'bench',
    remembered: 1000,
    keepShares: async () => {},
  }),
)
const handle = nodeGateway(gateway, upstreams)

/** One clinician each. */
const tokens = await Promise.all(
  Array.from({ length: 32 }, () =>
    keys.sign('token', 'at+jwt', {
      iss: config.issuer,
      sub: mintId('practitioner'),
      aud: audience,
      iat: clock.now(),
      exp: clock.now() + 300,
      jti: mintId('request'),
      client_id: 'records-app',
      scope: 'openid records.read',
      sid: mintId('session'),
      acr: 'garde:passkey',
      amr: ['hwk', 'user'],
      auth_time: clock.now(),
      practice: practice.id,
      role: 'clinician',
      grant_id: mintId('grant'),
      session_started_at: clock.now(),
      session_sequence: 0,
    }),
  ),
)

await serveToParent(
  (request, response) => {
    if (!handle(request, response)) response.writeHead(404).end()
  },
  { tokens },
  () => audit.settle(),
)
