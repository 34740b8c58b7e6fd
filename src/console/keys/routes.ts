/** GET /console/keys, POST …/rotate, and …/{kid}/revoke: each with a passkey's touch for that very act. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { Refusal } from '../../core/refusal.ts'
import { actDigest } from '../../people/confirmation.ts'
import { requireActing } from '../../restrictions/store.ts'
import type { Services } from '../../services.ts'
import { requireRevocable, revokeNow, rotateNow } from '../../tokens/key-acts.ts'
import { listKeys } from '../../tokens/keys-store.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { deskAuthor, deskFrame, deskHead, requireTouch } from '../desk-routes.ts'
import { keysPage, revokePage, scopeOf } from './pages.ts'

const rotating = { act: 'rotate-keys' }
const revokingOf = (kid: string) => ({ act: 'revoke-key', kid })
const assertion = z.string().max(20_000).optional()
const revokeShape = z.object({ typed: z.string().max(40).default(''), assertion })

export function addKeyRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/keys', async (c) =>
    c.html(
      keysPage(await deskFrame(services, c, []), {
        keys: await listKeys(services.db),
        period: services.config.keyPeriodSeconds,
        confirms: actDigest(services, rotating),
      }),
    ),
  )

  routes.post('/console/keys/rotate', async (c) => {
    const sent = await readForm(c, z.object({ assertion }))
    await requireTouch(services, c, rotating, sent.assertion)
    requireActing(services, deskAuthor(c), services.clock.now())
    await rotateNow(services, {}, deskHead(c).actor)
    return c.redirect('/console/keys', 303)
  })

  routes.get('/console/keys/:kid/revoke', async (c) => c.html(await draw(services, c)))

  routes.post('/console/keys/:kid/revoke', async (c) => {
    const key = await requireRevocable(services, kidOf(c))
    const sent = await readForm(c, revokeShape)
    if (sent.typed.trim() !== scopeOf(key)) return c.html(await draw(services, c, true), 400)
    await requireTouch(services, c, revokingOf(key.kid), sent.assertion)
    requireActing(services, deskAuthor(c), services.clock.now())
    await revokeNow(services, key.kid, deskHead(c).actor)
    return c.redirect('/console/keys', 303)
  })
}

/** RFC 7638 thumbprints, as they stand in the key set. */
function kidOf(c: Context<Env>): string {
  const kid = c.req.param('kid') ?? ''
  if (!/^[\w-]{43}$/.test(kid)) throw new Refusal('malformed_id', { expected: 'kid' })
  return kid
}

/** Refuses `malformed_id`, `not_found`, and `conflict` for the key that proves the log. */
async function draw(services: Services, c: Context<Env>, problem?: true) {
  const key = await requireRevocable(services, kidOf(c))
  return revokePage(await deskFrame(services, c, []), {
    key,
    confirms: actDigest(services, revokingOf(key.kid)),
    ...(problem && { problem }),
  })
}
