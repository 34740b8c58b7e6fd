/** GET /console/restrictions/{id}, and POST …/lift: lifting loosens, so a passkey confirms this very lift. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { parseId, type RestrictionId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import { actDigest } from '../../people/confirmation.ts'
import { findRestriction } from '../../restrictions/listing-store.ts'
import { lift } from '../../restrictions/store.ts'
import type { Services } from '../../services.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { answerOf, keepAnswer, takeAnswer } from '../answer-cookie.ts'
import { deskAuthor, deskFrame, deskHead, requireTouch } from '../desk-routes.ts'
import { idsOfListed } from '../ids.ts'
import { restrictionPage } from './pages.ts'

const liftOf = (restriction: RestrictionId) => ({ act: 'lift', restriction })

const liftShape = z.object({
  reason: z.string().max(500).default(''),
  assertion: z.string().max(20_000).optional(),
})

export function addRestrictionRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/restrictions/:id', async (c) =>
    c.html(await show(services, c, parseId('restriction', c.req.param('id')))),
  )

  routes.post('/console/restrictions/:id/lift', async (c) => {
    const startedMs = services.clock.monotonicMs()
    const id = parseId('restriction', c.req.param('id'))
    const { reason, assertion } = await readForm(c, liftShape)
    if (reason.trim() === '') return c.html(await show(services, c, id, 'reason'), 400)
    await requireTouch(services, c, liftOf(id), assertion)
    const act = { restriction: id, reason: reason.trim() }
    const { lift: made, ...applied } = await lift(services, deskAuthor(c), act, deskHead(c))
    keepAnswer(c, id, answerOf('lift', made.sequence, applied, services.clock.monotonicMs() - startedMs))
    return c.redirect(`/console/restrictions/${id}`, 303)
  })
}

/** Refuses `not_found`. */
async function show(services: Services, c: Context<Env>, id: RestrictionId, problem?: 'reason') {
  const now = services.clock.now()
  const listed = await findRestriction(services.db, id, now)
  if (!listed) throw new Refusal('not_found', { restriction: id })
  const answer = takeAnswer(c, id)
  return restrictionPage(await deskFrame(services, c, idsOfListed(listed)), {
    ...listed,
    confirms: actDigest(services, liftOf(id)),
    ...(answer && { answer }),
    ...(problem && { problem }),
  })
}
