/** The gateway inside a Node process: its log on the local disk, shipped into the database; undici towards upstreams. */

import { keepAudit, type AuditKeeper } from '../audit/keeper.ts'
import { strangerSums, type StrangerSums } from '../audit/stranger-sums.ts'
import { forgetStrangers, saveStranger } from '../audit/strangers.ts'
import { hours, minutes } from '../core/time.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { Services } from '../services.ts'
import { composeGateway } from './compose-gateway.ts'
import type { DataDirectory } from './data-directory.ts'
import { nodeGateway, type NodeGateway } from './proxy.ts'
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

export async function openGatewayNode(
  services: Services,
  directory: DataDirectory,
  undo: Undo,
): Promise<GatewayNode> {
  const spool = await openSpool(services, directory)
  undo.add(() => spool.close())
  const audit = await keepAudit({ ...services, spool })
  undo.add(() => audit.stop())
  undo.add(() => audit.settle())
  // What the last process recorded is in the database before anything is counted from there.
  await audit.settle()
  const strangers = strangerSums()
  undo.add(keepStrangers(services, strangers))
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

const saveEveryMs = 10_000

/** Writes the sums out now and then, and what is left at the end. Answers how to stop. */
function keepStrangers(services: Services, sums: StrangerSums): () => Promise<void> {
  const { db, clock, log } = services
  let forgetAt = clock.now() + minutes(1)
  const save = async (): Promise<void> => {
    for (const sum of sums.take()) await saveStranger(db, sum)
    if (clock.now() < forgetAt) return
    forgetAt = clock.now() + hours(24)
    await forgetStrangers(db, clock.now())
  }
  const timer = setInterval(() => {
    save().catch((error: unknown) =>
      log('error', 'refusals of strangers not saved', { error: String(error) }),
    )
  }, saveEveryMs)
  return async () => {
    clearInterval(timer)
    await save()
  }
}
