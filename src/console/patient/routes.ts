/** /console/patients: who a pseudonym of the log is. One operator asks, another opens, the first reads it once. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { parseId, type ResolutionId } from '../../core/ids.ts'
import {
  askForPatient,
  dropResolution,
  listResolutions,
  openForAsker,
  takeAnswer,
} from '../../operators/resolution-store.ts'
import { actDigest } from '../../people/confirmation.ts'
import { requireOperator } from '../../people/session-cookie.ts'
import type { Services } from '../../services.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { deskFrame, deskHead, requireTouch } from '../desk-routes.ts'
import { patientsPage, type PatientsState } from './pages.ts'

const share = z.string().trim().max(60).default('')
const askShape = z.object({
  patient: z.string().trim().max(80).default(''),
  reason: z.string().trim().max(500).default(''),
  share,
})
const touch = { assertion: z.string().max(20_000).optional() }
const openShape = z.object({ share, ...touch })
const readShape = z.object(touch)

const openingOf = (resolution: ResolutionId) => ({ act: 'name-patient', resolution })
const readingOf = (resolution: ResolutionId) => ({ act: 'read-patient', resolution })

export function addPatientRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/patients', async (c) => c.html(await show(services, c)))

  routes.post('/console/patients', async (c) => {
    const sent = await readForm(c, askShape)
    const problems = {
      patient: !/^\d{1,6}\.[\w-]{20,60}$/.test(sent.patient),
      reason: sent.reason === '',
      share: !/^[\w-]{43}$/.test(sent.share),
    }
    if (Object.values(problems).includes(true))
      return c.html(
        await show(services, c, { sent: { patient: sent.patient, reason: sent.reason }, problems }),
        400,
      )
    await askForPatient(services, sent, requireOperator(c).holder.id, deskHead(c))
    return c.redirect('/console/patients', 303)
  })

  routes.post('/console/patients/:id/open', async (c) => {
    const id = parseId('resolution', c.req.param('id'))
    const sent = await readForm(c, openShape)
    const operator = await requireTouch(services, c, openingOf(id), sent.assertion)
    const outcome = await openForAsker(services, id, sent.share, operator, deskHead(c))
    return c.html(await show(services, c, { opened: outcome }))
  })

  routes.post('/console/patients/:id/decline', async (c) => {
    const id = parseId('resolution', c.req.param('id'))
    await dropResolution(services, id, requireOperator(c).holder.id, deskHead(c))
    return c.redirect('/console/patients', 303)
  })

  // A POST, because it takes the answer away: a link must not.
  routes.post('/console/patients/:id/answer', async (c) => {
    const id = parseId('resolution', c.req.param('id'))
    const { assertion } = await readForm(c, readShape)
    const operator = await requireTouch(services, c, readingOf(id), assertion)
    const answer = await takeAnswer(services, id, operator, deskHead(c))
    return c.html(await show(services, c, { answer }))
  })
}

async function show(services: Services, c: Context<Env>, more: Partial<PatientsState> = {}) {
  const waiting = await listResolutions(services.db, services.clock.now())
  const frame = await deskFrame(
    services,
    c,
    waiting.map(({ askedBy }) => askedBy),
  )
  return patientsPage(frame, {
    ...more,
    waiting: waiting.map((each) => {
      const act = each.state === 'open' ? openingOf(each.id) : readingOf(each.id)
      return { ...each, confirms: actDigest(services, act) }
    }),
  })
}
