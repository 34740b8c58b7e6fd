/** GET /console/approvals/{id}, and POST …/approve or …/decline: what a script asked for and only a person may do. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { parseId, type ApprovalId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import {
  decideApproval,
  declineApproval,
  findApproval,
  type Approval,
} from '../../operators/approval-store.ts'
import type { Made } from '../../operators/loosening.ts'
import { actDigest } from '../../people/confirmation.ts'
import { requireOperator } from '../../people/session-cookie.ts'
import { findRestriction } from '../../restrictions/listing-store.ts'
import type { Services } from '../../services.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { answerOf, keepAnswer } from '../answer-cookie.ts'
import { deskFrame, deskHead, requireTouch } from '../desk-routes.ts'
import { idsOfRestriction } from '../ids.ts'
import { nameOf } from '../pages.ts'
import { rowsOf } from './act-rows.ts'
import { approvalPage, type ApprovalState } from './pages.ts'

const approveShape = z.object({ assertion: z.string().max(20_000).optional() })

const approvingOf = (approval: ApprovalId) => ({ act: 'approve', approval })

export function addApprovalRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/approvals/:id', async (c) =>
    c.html(await show(services, c, parseId('approval', c.req.param('id')))),
  )

  routes.post('/console/approvals/:id/approve', async (c) => {
    const startedMs = services.clock.monotonicMs()
    const id = parseId('approval', c.req.param('id'))
    const { assertion } = await readForm(c, approveShape)
    const operator = await requireTouch(services, c, approvingOf(id), assertion)
    const done = await decideApproval(services, id, operator, deskHead(c))
    if (done.kind === 'lift') {
      const { lift, ...applied } = done.made
      const answer = answerOf('lift', lift.sequence, applied, services.clock.monotonicMs() - startedMs)
      keepAnswer(c, lift.restriction, answer)
      return c.redirect(`/console/restrictions/${lift.restriction}`, 303)
    }
    const once = onceOf(done)
    if (once !== undefined) return c.html(await show(services, c, id, once))
    return c.redirect(`/console/approvals/${id}`, 303)
  })

  routes.post('/console/approvals/:id/decline', async (c) => {
    const id = parseId('approval', c.req.param('id'))
    const { holder } = requireOperator(c)
    await declineApproval(services, id, holder.id, deskHead(c))
    return c.redirect(`/console/approvals/${id}`, 303)
  })
}

/** Never to the script that asked: whoever stole its token would be let in. */
function onceOf({ kind, made }: Made): string | undefined {
  if (kind === 'invite') return made.url
  return kind === 'save-client' ? made.secret : undefined
}

/** Refuses `not_found`. */
async function show(services: Services, c: Context<Env>, id: ApprovalId, once?: string) {
  const approval = await findApproval(services.db, id, services.clock.now())
  if (!approval) throw new Refusal('not_found', { approval: id })
  const asked = await askedOf(services, approval)
  const requester = 'id' in approval.requestedBy ? approval.requestedBy.id : approval.requestedBy.kind
  const ids = 'rows' in asked ? asked.rows.map(({ value }) => value) : idsOfRestriction(asked.restriction)
  const decider = approval.decidedBy ?? ''
  const frame = await deskFrame(services, c, [requester, decider, ...ids])
  const names = nameOf(frame.names)
  const { act, createdAt, expiresAt, state, outcome, decidedAt } = approval
  return approvalPage(frame, {
    id,
    kind: act.kind,
    asked,
    createdAt,
    expiresAt,
    state,
    requestedBy: names(requester),
    own: approval.requestedBy.kind === 'operator' && approval.requestedBy.via === 'console',
    confirms: actDigest(services, approvingOf(id)),
    ...(decidedAt !== undefined && {
      decided: { by: names(decider), at: decidedAt, ...(outcome && { outcome }) },
    }),
    ...(once !== undefined && { once }),
  })
}

/** What stands now is compared only while that could still decide something. */
async function askedOf(services: Services, { act, state }: Approval): Promise<ApprovalState['asked']> {
  if (act.kind !== 'lift') return { rows: await rowsOf(services, act, state === 'open') }
  const listed = await findRestriction(services.db, act.restriction, services.clock.now())
  if (!listed) throw new Refusal('not_found', { restriction: act.restriction })
  return { restriction: listed.restriction, reason: act.reason }
}
