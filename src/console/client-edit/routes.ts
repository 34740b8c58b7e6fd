/**
 * Registering, changing, a new secret, disabling. What narrows is done at once; what widens waits, as from anywhere else,
 * until an operator has looked at it whole and touched a passkey for it (`/console/approvals/…`).
 */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { Client, ClientInput } from '../../clients/client.ts'
import { profileNames } from '../../clients/profiles.ts'
import { disableClient, findRegistered, saveClient } from '../../clients/store.ts'
import { widens } from '../../clients/widening.ts'
import { parseId, type ClientId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import { useOf, usesOfClients } from '../../grants/use-store.ts'
import { requestApproval } from '../../operators/approval-store.ts'
import { listPractices } from '../../people/practices.ts'
import { requireActing } from '../../restrictions/store.ts'
import type { Services } from '../../services.ts'
import { algorithms } from '../../tokens/keys.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { clientAddress } from '../clients/pages.ts'
import { deskAuthor, deskFrame, deskHead } from '../desk-routes.ts'
import { readSent, sentOf, sentShape, type Faults, type Sent } from './input.ts'
import { disablePage, editPage, registeredPage } from './pages.ts'
import { editTexts } from './texts.ts'

const empty: Sent = sentShape.parse({ profile: profileNames[0] })

export function addClientEditRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/register', async (c) => c.html(await draw(services, c, empty)))

  routes.post('/console/register', async (c) => {
    const sent = await readForm(c, sentShape)
    const read = readSent(sent)
    if ('faults' in read) return c.html(await draw(services, c, sent, read.faults), 400)
    const { id } = read.input
    if (id !== undefined && (await findRegistered(services.db, id as ClientId))) {
      const { idTaken } = editTexts[c.get('context').language]
      return c.html(await draw(services, c, sent, { id: idTaken }), 409)
    }
    return save(services, c, undefined, read.input)
  })

  routes.get('/console/clients/:id/edit', async (c) => {
    const before = await requireOpen(services, c)
    return c.html(await draw(services, c, sentOf(before), undefined, before))
  })

  routes.post('/console/clients/:id/edit', async (c) => {
    const before = await requireOpen(services, c)
    const sent = await readForm(c, sentShape)
    const read = readSent(sent, before)
    if ('faults' in read) return c.html(await draw(services, c, sent, read.faults, before), 400)
    return save(services, c, before, read.input)
  })

  routes.post('/console/clients/:id/secret', async (c) => {
    const before = await requireOpen(services, c)
    const read = readSent(sentOf(before), before)
    // What is registered was checked when it was saved; an older rule may have let pass what this one would not.
    if ('faults' in read) throw new Refusal('conflict', { faults: Object.keys(read.faults) })
    return save(services, c, before, { ...read.input, renewSecret: true })
  })

  addDisableRoutes(routes, services)
}

function addDisableRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/clients/:id/disable', async (c) => c.html(await drawDisable(services, c)))

  routes.post('/console/clients/:id/disable', async (c) => {
    const { id } = await requireOpen(services, c)
    const { typed } = await readForm(c, z.object({ typed: z.string().max(100).default('') }))
    if (typed.trim() !== id) return c.html(await drawDisable(services, c, true), 400)
    requireActing(services, deskAuthor(c), services.clock.now())
    await disableClient(services, deskHead(c), id)
    return c.redirect(clientAddress(id), 303)
  })
}

/** Refuses `malformed_id`, and `not_found` also for one that is disabled: nothing of it can be changed. */
async function requireOpen({ db }: Services, c: Context<Env>): Promise<Client> {
  const client = await findRegistered(db, parseId('client', c.req.param('id')))
  if (!client || client.disabledAt !== undefined) throw new Refusal('not_found')
  return client
}

async function save(services: Services, c: Context<Env>, before: Client | undefined, input: ClientInput) {
  requireActing(services, deskAuthor(c), services.clock.now())
  if (widens(before, input)) {
    const { id } = await requestApproval(services, { kind: 'save-client', client: input }, deskHead(c))
    return c.redirect(`/console/approvals/${id}`, 303)
  }
  const { client, secret } = await saveClient(services, deskHead(c), input)
  if (secret === undefined) return c.redirect(clientAddress(client.id), 303)
  return c.html(registeredPage(await deskFrame(services, c, []), client, secret))
}

async function draw(services: Services, c: Context<Env>, sent: Sent, faults?: Faults, before?: Client) {
  return editPage(await deskFrame(services, c, []), {
    sent,
    ...(faults && { faults }),
    ...(before && { before }),
    practices: await listPractices(services),
    served: services.resources.all().map(({ audience }) => audience),
    idTokenAlgorithms: algorithms.token,
  })
}

async function drawDisable(services: Services, c: Context<Env>, problem?: true) {
  const client = await requireOpen(services, c)
  const uses = await usesOfClients(services.db, services.clock.now(), client.id)
  return disablePage(await deskFrame(services, c, []), {
    client,
    alive: useOf(uses, client.id).alive,
    ...(problem && { problem }),
  })
}
