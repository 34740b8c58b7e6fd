/** The gateway inside a Node process: its log on the local disk, shipped into the database; undici towards upstreams. */

import { keepAudit, type AuditKeeper } from '../audit/keeper.ts'
import { strangerSums } from '../audit/stranger-sums.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { Services } from '../services.ts'
import { composeGateway } from './compose-gateway.ts'
import type { DataDirectory } from './data-directory.ts'
import { nodeGateway, type NodeGateway } from './proxy.ts'
import type { RecordsDoor } from './records-door.ts'
import { keepShares } from './sealing-shares.ts'
import { segmentFiles } from './segment-files.ts'
import { openSpoolFile, type FileSpool } from './spool-file.ts'
import type { Undo } from './undo.ts'
import { openUpstreams } from './upstreams.ts'

export interface GatewayNode {
  take: NodeGateway
  audit: AuditKeeper
}

const node = 'local'
const remembered = 200_000
/** A server's work is done elsewhere: waiting for it costs this thread nothing. */
export const serverBatchMs = 250

export async function openGatewayNode(
  services: Services & { records: RecordsDoor },
  directory: DataDirectory,
  undo: Undo,
): Promise<GatewayNode> {
  const spool = await openSpool(services, directory)
  undo.add(() => spool.close())
  const strangers = strangerSums()
  const audit = await keepAudit({
    ...services,
    spool,
    strangers,
    ...(services.config.databaseUrl !== undefined && { batchMs: serverBatchMs }),
  })
  undo.add(() => audit.stop())
  undo.add(() => audit.settle())
  // What the last process recorded is in the database before anything is counted from there.
  await audit.settle()
  const upstreams = openUpstreams()
  undo.add(() => upstreams.close())
  const gateway = createGateway(
    await composeGateway(services, {
      spool,
      strangers,
      forwarder: upstreams,
      node,
      remembered,
      keepShares: (shares) => keepShares(directory.sealingShares, shares),
    }),
  )
  undo.add(() => gateway.close())
  services.records.open(() => gateway)
  return { take: nodeGateway(gateway, upstreams), audit }
}

const openSpool = async (services: Services, directory: DataDirectory): Promise<FileSpool> =>
  openSpoolFile({
    files: await segmentFiles(directory.spool),
    node,
    primitives: services.primitives,
    clock: services.clock,
    sign: (data) => services.keys.signCheckpoint(data),
    log: services.log,
  })
