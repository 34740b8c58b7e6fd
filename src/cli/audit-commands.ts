/** The log: is it what it was, which patients, and a copy to verify elsewhere. */

import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import '../runtime/quick-imports.ts'
import { eventGroups } from '../audit/event-groups.ts'
import { CliFault, shown, type Command, type Line, type Outcome } from './command.ts'
import { parseSince } from './duration.ts'
import { columns } from './help.ts'

const texts = ({ options }: Line, name: string): string[] | undefined => {
  const value = options[name]
  return Array.isArray(value) ? value : undefined
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new CliFault(`${file} cannot be read.`, 2)
  }
}

const operator = { value: 'opr_…', says: 'who asks; may be left out when there is one operator' }

const verify: Command = {
  words: 'audit verify',
  summary: 'is the log what it was? Of the running server, or of an export with nothing but its file',
  options: {
    file: { value: 'export.jsonl', says: 'an export; needs no server' },
    key: { value: 'garde/server+…', says: 'a verifier key you had before, for --file', many: true },
    checkpoint: { value: 'note.txt', says: 'a checkpoint kept elsewhere: shows truncation', many: true },
    proof: {
      value: 'proof.json',
      says: 'a proof by garde audit prove, with --key; needs no server and no export',
    },
  },
  run: async (line, { control }) => {
    const { file, proof } = line.options
    if (typeof proof === 'string') return checkProofFile(proof, texts(line, 'key') ?? [])
    const checkpoints = (texts(line, 'checkpoint') ?? []).map(readText)
    if (typeof file !== 'string')
      return (await control('audit-verify', { checkpoints })) as unknown as Outcome
    const trustedKeys = texts(line, 'key')
    const input = createReadStream(file)
    const opened = new Promise<void>((resolve, reject) =>
      input.once('open', () => resolve()).once('error', reject),
    )
    await opened.catch(() => {
      throw new CliFault(`${file} cannot be read.`, 2)
    })
    const { verifyFile } = await import('../audit/commands.ts')
    const { primitives } = await import('../runtime/primitives.ts')
    return verifyFile({
      lines: createInterface({ input }),
      sha256: primitives.sha256,
      checkpoints,
      ...(trustedKeys && { trustedKeys }),
    })
  },
}

async function checkProofFile(file: string, keys: string[]): Promise<Outcome> {
  if (keys.length === 0) throw new CliFault('Give the key you had before with --key: a proof brings none.', 2)
  const { verifyProof } = await import('../audit/commands.ts')
  const { primitives } = await import('../runtime/primitives.ts')
  return verifyProof(primitives.sha256, readText(file), keys)
}

const prove: Command = {
  words: 'audit prove',
  summary: 'prove to an outsider that an entry is in the log, or that the log goes on from a checkpoint',
  options: {
    entry: { value: '1204', says: 'the position of the entry; the proof holds its text and no other' },
    log: { value: 'server', says: 'in which log; server when left out' },
    checkpoint: { value: 'note.txt', says: 'a checkpoint kept elsewhere, instead of --entry' },
  },
  run: async ({ options: { entry, log, checkpoint } }, { control }) => {
    if ((typeof entry === 'string' && /^\d{1,15}$/.test(entry)) === (typeof checkpoint === 'string'))
      throw new CliFault('Say which: --entry with a position, or --checkpoint with a file.', 2)
    const { proof } = await control('audit-prove', {
      ...(typeof log === 'string' && { log }),
      ...(typeof checkpoint === 'string' ? { checkpoint: readText(checkpoint) } : { entry: Number(entry) }),
    })
    return { data: proof, text: [JSON.stringify(proof)] }
  },
}

const patients: Command = {
  words: 'audit patients',
  summary: 'which patients were served, how often and when, as pseudonyms; that it was asked is recorded',
  options: {
    practitioner: { value: 'prt_…', says: 'to whom' },
    practice: { value: 'prc_…', says: 'in which practice' },
    session: { value: 'ses_…', says: 'in which session' },
    since: { value: '2d', says: 'from when: a date, or how long ago; the beginning when left out' },
    until: { value: '2026-11-23', says: 'up to when; now when left out' },
    operator,
  },
  run: async ({ options: { since, until, ...whose } }, { control }) => {
    if (
      whose['practitioner'] === undefined &&
      whose['practice'] === undefined &&
      whose['session'] === undefined
    )
      throw new CliFault('Say whose: --practitioner, --practice or --session.', 2)
    const now = Math.floor(Date.now() / 1000)
    return (await control('audit-patients', {
      ...whose,
      ...(typeof since === 'string' && { since: parseSince(since, now) }),
      ...(typeof until === 'string' && { until: parseSince(until, now) }),
    })) as unknown as Outcome
  },
}

const events: Command = {
  words: 'audit events',
  summary: 'the last events of the log, newest first',
  options: {
    kind: {
      value: 'refusals',
      says: `${eventGroups.join(', ')}, or one kind of event such as restriction.made`,
    },
    practitioner: { value: 'prt_…', says: 'of whom' },
    practice: { value: 'prc_…', says: 'in which practice' },
    session: { value: 'ses_…', says: 'in which session' },
    since: { value: '2d', says: 'from when: a date, or how long ago' },
    until: { value: '2026-11-23', says: 'up to when; now when left out' },
    limit: { value: '50', says: 'how many; 50 when left out, 200 at most' },
  },
  run: async ({ options: { since, until, limit = '50', ...of } }, { admin }) => {
    const now = Math.floor(Date.now() / 1000)
    const query = new URLSearchParams({ limit: String(limit) })
    for (const [name, value] of Object.entries(of)) if (typeof value === 'string') query.set(name, value)
    if (typeof since === 'string') query.set('since', String(parseSince(since, now)))
    if (typeof until === 'string') query.set('until', String(parseSince(until, now)))
    const { items } = (await admin('GET', `/events?${query.toString()}`)) as unknown as { items: Logged[] }
    return { data: items, text: columns(items.map(eventLine)) }
  },
}

interface Logged {
  log: string
  index: number
  event: { at: number; kind: string; actor: { kind: string; id?: string } } & Record<string, unknown>
}

/** What most kinds say of themselves, in the words of the log. */
const told = ['reason', 'access', 'patient', 'rule', 'action', 'cause', 'change', 'route'] as const

const eventLine = ({ log, index, event }: Logged): string[] => [
  new Date(event.at * 1000).toISOString(),
  event.kind,
  event.actor.id ?? event.actor.kind,
  told.flatMap((name) => (event[name] === undefined ? [] : [shown(event[name])])).join(' · '),
  `${log}:${index}`,
]

const exportCommand: Command = {
  words: 'audit export',
  summary: 'write a log as JSON lines, for whoever verifies it elsewhere',
  options: {
    log: { value: 'server', says: 'which log; server when left out' },
    file: { value: 'export.jsonl', says: 'where to, which must not exist', required: true },
  },
  run: async ({ options: { log = 'server', file } }, { lines }) => {
    const path = String(file)
    const answer = await lines('audit-export', { log })
    const target = createWriteStream(path, { flags: 'wx', mode: 0o600 })
    await pipeline(Readable.from(answer), target).catch((error: unknown) => {
      throw new CliFault(
        `${path} was not written whole: ${error instanceof Error ? error.message : 'unknown'}`,
      )
    })
    return {
      data: { log, file: path, bytes: target.bytesWritten },
      text: [`${path}: ${target.bytesWritten} bytes`],
    }
  },
}

export const auditCommands: Command[] = [verify, prove, patients, events, exportCommand]
