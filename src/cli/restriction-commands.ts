/** Who is signed in, cutting, lifting. The answer says where a cut holds already and where not yet. */

import { setTimeout as pause } from 'node:timers/promises'
import { listAll } from './admin-commands.ts'
import { CliFault, shown, type Command, type Line, type Outcome, type World } from './command.ts'
import { parseDuration } from './duration.ts'
import { reasonWords, type Author, type Message } from '../restrictions/restriction.ts'
import { columns } from './help.ts'

const when = (at: unknown): string => new Date(Number(at) * 1000).toISOString()

const selectable = ['practice', 'practitioner', 'operator', 'client', 'session'] as const

function selectorOf({ options }: Line): Record<string, unknown> {
  const given = selectable.filter((name) => options[name] !== undefined)
  if (options['everything'] === true && given.length === 0) return { everything: true }
  if (options['everything'] === true || given.length === 0)
    throw new CliFault(
      'Say whom: --everything alone, or any of --practice, --practitioner, --operator, --client, --session.',
      2,
    )
  return Object.fromEntries(given.map((name) => [name, options[name]]))
}

function effectOf({ options }: Line): Record<string, unknown> {
  const kind = shown(options['effect'])
  if (kind !== 'quota') return { kind }
  if (options['patients'] === undefined) throw new CliFault('--effect quota needs --patients.', 2)
  return { kind, patients: Number(options['patients']) }
}

function messageOf({ options }: Line): object {
  const { 'message-fr': fr, 'message-en': en } = options
  if (fr === undefined && en === undefined) return {}
  if (fr === undefined || en === undefined)
    throw new CliFault('Give --message-fr and --message-en together.', 2)
  return { message: { fr, en } }
}

/** Where it holds, one row each. */
const applied = (data: Record<string, unknown>): string[] => [
  ...(data['appliedOn'] as { point: string; at: number }[]).map(
    ({ point, at }) => `applied on ${point} at ${when(at)}`,
  ),
  ...(data['pending'] as string[]).map((point) => `pending on ${point}`),
]

const restrict: Command = {
  words: 'restrict',
  summary: 'cut or narrow access, at once',
  options: {
    everything: { says: 'everybody but operators' },
    practice: { value: 'prc_…', says: 'of this practice' },
    practitioner: { value: 'prt_…', says: 'this practitioner' },
    operator: { value: 'opr_…', says: 'this operator' },
    client: { value: 'records-app', says: 'through this records app' },
    session: { value: 'ses_…', says: 'in this session' },
    effect: { value: 'deny', says: 'deny, read-only, step-up or quota', required: true },
    patients: { value: '5', says: 'with quota: how many patients not yet open' },
    'ends-sessions': { says: 'end the sessions selected, for ever' },
    reason: { value: '"…"', says: 'why, for the log', required: true },
    for: { value: '2h', says: 'how long; until lifted when left out' },
    'message-fr': { value: '"…"', says: 'what the person is shown, in French' },
    'message-en': { value: '"…"', says: 'what the person is shown, in English' },
  },
  run: async (line, world) => {
    const { reason, for: lasts, 'ends-sessions': endsSessions } = line.options
    const data = await world.admin('POST', '/restrictions', {
      selector: selectorOf(line),
      effect: effectOf(line),
      endsSessions: endsSessions === true,
      reason,
      ...messageOf(line),
      ...(typeof lasts === 'string' && { expiresAt: Math.floor(Date.now() / 1000) + parseDuration(lasts) }),
    })
    const { id } = data['restriction'] as { id: string }
    return { data, text: [id, ...applied(data)] }
  },
}

const lift: Command = {
  words: 'lift',
  summary: 'ask for a restriction to be lifted; an operator decides with a passkey in the console',
  positionals: ['rst_…'],
  options: {
    reason: { value: '"…"', says: 'why, for the log', required: true },
    wait: { says: 'wait until it is decided' },
  },
  run: async ({ positionals: [id = ''], options }, world) => {
    const asked = await world.admin('POST', `/restrictions/${encodeURIComponent(id)}/lift`, {
      reason: options['reason'],
    })
    if (asked['lift'] !== undefined) return { data: asked, text: ['lifted', ...applied(asked)] }
    if (options['wait'] !== true)
      return { data: asked, text: ['waits for an operator, who decides here:', shown(asked['url'])] }
    process.stderr.write(`An operator decides here: ${shown(asked['url'])}\n`)
    return decided(shown(asked['id']), world)
  },
}

const askAgainMs = 2_000

/** Exit 0 when an operator said yes, 1 when nobody did in time. */
async function decided(approval: string, world: World): Promise<Outcome> {
  for (;;) {
    const data = await world.admin('GET', `/approvals/${encodeURIComponent(approval)}`)
    if (data['state'] === 'decided') return outcomeOf(data)
    if (data['state'] === 'expired') return { data, text: ['nobody decided in time'], exitCode: 1 }
    await pause(askAgainMs)
  }
}

function outcomeOf(data: Record<string, unknown>): Outcome {
  const by = shown(data['decidedBy'])
  return data['outcome'] === 'approved'
    ? { data, text: [`lifted by ${by}`] }
    : { data, text: [`declined by ${by}: the restriction stays`], exitCode: 1 }
}

interface Listed {
  restriction: {
    id: string
    effect: { kind: string }
    selector: object
    reason: string
    message?: Message
    author: Author
    createdAt: number
    expiresAt?: number
  }
  state: string
}

export const restrictionCommands: Command[] = [
  {
    words: 'sessions',
    summary: 'who is signed in, newest first',
    options: { practitioner: { value: 'prt_…', says: 'of this practitioner only' } },
    run: async ({ options }, world) => {
      const { practitioner } = options
      const query =
        typeof practitioner === 'string' ? `?practitioner=${encodeURIComponent(practitioner)}` : ''
      const items = await listAll(world, `/sessions${query}`)
      const row = (item: Record<string, unknown>) => [
        shown(item['id']),
        shown((item['holder'] as { id: string }).id),
        shown(item['acr']),
        shown(item['network']),
        `since ${when(item['startedAt'])}`,
      ]
      return { data: items, text: columns(items.map(row)) }
    },
  },
  {
    words: 'session end',
    summary: 'end a session, for ever and wherever it is used',
    positionals: ['ses_…'],
    options: { reason: { value: '"…"', says: 'why, for the log', required: true } },
    run: async ({ positionals: [id = ''], options }, world) => {
      const data = await world.admin('POST', `/sessions/${encodeURIComponent(id)}/end`, {
        reason: options['reason'],
      })
      return { data, text: ['ended', ...applied(data)] }
    },
  },
  restrict,
  lift,
  {
    words: 'restrictions',
    summary: 'what is restricted now',
    options: { all: { says: 'those lifted or expired as well' } },
    run: async ({ options }, world) => {
      const state = options['all'] === true ? 'all' : 'active'
      const items = (await listAll(world, `/restrictions?state=${state}`, 'before')) as unknown as Listed[]
      const row = ({ restriction, state: now }: Listed) => [
        restriction.id,
        now,
        restriction.effect.kind,
        JSON.stringify(restriction.selector),
        reasonWords(restriction, 'en'),
        restriction.expiresAt === undefined ? '' : `until ${when(restriction.expiresAt)}`,
      ]
      return { data: items, text: columns(items.map(row)) }
    },
  },
]
