/** The log, asked by the owner of the data directory in an operator's name: verify it, export it, which patients. */

import { patientsOutcome, verifyLogs, verifyOutcome } from '../audit/commands.ts'
import { exportLog } from '../audit/export.ts'
import type { AuditKeeper } from '../audit/keeper.ts'
import { findLogs } from '../audit/log-store.ts'
import { proveEntry, proveGrowth } from '../audit/prove.ts'
import { patientsServed } from '../audit/query-store.ts'
import { originOf } from '../audit/checkpoint.ts'
import { serverLog } from '../audit/sequencer.ts'
import { verifierKeys } from '../audit/verifier-keys.ts'
import { parseId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import type { ControlActs } from './control.ts'
import { actingOperator } from './control-operator.ts'

export const auditActs = (services: Services, audit: AuditKeeper): ControlActs => ({
  'audit-verify': async ({ checkpoints }) => {
    await audit.settle()
    return verifyOutcome(await verifyLogs(services, texts(checkpoints)), 'the server')
  },
  'audit-patients': async ({ operator, practitioner, practice, session, since, until }) => {
    await audit.settle()
    const at = services.clock.now()
    const question = {
      ...(practitioner !== undefined && { practitioner: parseId('practitioner', practitioner) }),
      ...(practice !== undefined && { practice: parseId('practice', practice) }),
      ...(session !== undefined && { session: parseId('session', session) }),
      since: Number(since ?? 0),
      until: Number(until ?? at),
    }
    const id = await actingOperator(services, operator)
    const head = { at, actor: { kind: 'operator', id, via: 'cli' } } as const
    const { queued, unshipped } = await audit.lag()
    return patientsOutcome(await patientsServed(services.db, question, head), queued + unshipped)
  },
  'audit-prove': async ({ log, entry, checkpoint }) => {
    await audit.settle()
    const { sha256 } = services.primitives
    const proof =
      typeof checkpoint === 'string'
        ? await proveGrowth(services.db, sha256, checkpoint)
        : await proveEntry(services.db, sha256, typeof log === 'string' ? log : serverLog, Number(entry))
    if (!proof)
      throw new Refusal('not_found', {
        message:
          checkpoint === undefined
            ? 'No signed checkpoint covers such an entry.'
            : 'The log holds no checkpoint as large as the one kept elsewhere: see garde audit verify.',
      })
    return { proof }
  },
  'audit-export': async ({ log }) => {
    await audit.settle()
    const known = (await findLogs(services.db)).map((each) => each.log)
    const wanted = known.find((name) => name === log)
    if (wanted === undefined)
      throw new Refusal('not_found', { message: `There is no such log. Logs: ${known.join(', ')}.` })
    const { sha256 } = services.primitives
    return exportLog(services.db, wanted, sha256, verifierKeys(services.keys, originOf(wanted)))
  },
})

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
