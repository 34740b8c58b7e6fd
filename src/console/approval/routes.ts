/** GET /console/approvals/{id}, and POST …/approve or …/decline: what a script asked for and only a person may do. */

import type { Hono } from 'hono'
import { parseId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import { decideApproval, declineApproval, findApproval } from '../../operators/approval-store.ts'
import { isFresh } from '../../operators/fresh-passkey.ts'
import { requireOperator } from '../../people/session-cookie.ts'
import { findRestriction } from '../../restrictions/listing-store.ts'
import type { Services } from '../../services.ts'
import type { Env } from '../../web.ts'
import { answerOf, keepAnswer } from '../answer-cookie.ts'
import { deskFrame, deskHead } from '../desk-routes.ts'
import { idsOfListed } from '../ids.ts'
import { nameOf } from '../pages.ts'
import { approvalPage } from './pages.ts'

export function addApprovalRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/approvals/:id', async (c) => {
    const now = services.clock.now()
    const approval = await findApproval(services.db, parseId('approval', c.req.param('id')), now)
    const listed = approval && (await findRestriction(services.db, approval.act.restriction, now))
    if (!approval || !listed) throw new Refusal('not_found', {})
    const requester = 'id' in approval.requestedBy ? approval.requestedBy.id : approval.requestedBy.kind
    const frame = await deskFrame(services, c, [requester, ...idsOfListed(listed)])
    const { id, act, createdAt, expiresAt, state } = approval
    return c.html(
      approvalPage(frame, {
        id,
        createdAt,
        expiresAt,
        state,
        restriction: listed.restriction,
        reason: act.reason,
        requestedBy: nameOf(frame.names)(requester),
        fresh: isFresh(requireOperator(c), now),
      }),
    )
  })

  routes.post('/console/approvals/:id/approve', async (c) => {
    const startedMs = services.clock.monotonicMs()
    const id = parseId('approval', c.req.param('id'))
    const { lift, ...applied } = await decideApproval(services, id, requireOperator(c), deskHead(c))
    const answer = answerOf('lift', lift.sequence, applied, services.clock.monotonicMs() - startedMs)
    keepAnswer(c, lift.restriction, answer)
    return c.redirect(`/console/restrictions/${lift.restriction}`, 303)
  })

  routes.post('/console/approvals/:id/decline', async (c) => {
    const id = parseId('approval', c.req.param('id'))
    const { holder } = requireOperator(c)
    await declineApproval(services, id, holder.id, deskHead(c))
    return c.redirect(`/console/approvals/${id}`, 303)
  })
}
