/** `npm run demo`: starts it, says where to look, and ends cleanly. `--help` says what can be asked. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createLog } from '../runtime/log.ts'
import { StartFault } from '../runtime/start-fault.ts'
import { attack, type AttackStep } from './attack.ts'
import { startDemo, type Demo } from './start.ts'

const help = `npm run demo [-- options]

  --data <folder>  keep everything there and go on from it next time (otherwise a temporary folder, removed at the end)
  --attack         a doctor's account that should have been closed starts reading records, faster and faster
  --json           one JSON object a line on standard output, for scripts
  --help           this`

const options = {
  data: { type: 'string' },
  attack: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options, args: process.argv.slice(2) })
  if (values.help) {
    process.stdout.write(`${help}\n`)
    return
  }
  const say = values.json ? sayJson : sayWords
  if (!values.json) process.stdout.write('Starting the demonstration; the first time takes some seconds…\n')
  const folder = openFolder(values.data)
  const ending = new AbortController()
  const told = toldToStop(ending)
  try {
    const demo = await startDemo(
      folder.path,
      createLog('warn', (line) => process.stderr.write(line)),
    )
    try {
      say({ event: 'ready', links: demo.links, folder: folder.path, kept: folder.kept })
      await Promise.race([told, values.attack ? attackOn(demo, say, ending.signal) : told])
      await told
    } finally {
      await demo.stop()
    }
  } finally {
    folder.close()
  }
}

interface Folder {
  path: string
  kept: boolean
  close(): void
}

function openFolder(asked: string | undefined): Folder {
  if (asked === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'garde-demo-'))
    return { path, kept: false, close: () => rmSync(path, { recursive: true, force: true }) }
  }
  const path = resolve(asked)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return { path, kept: true, close: () => {} }
}

/** The first signal ends it in order, within 30 s; a second one does not wait. */
const toldToStop = (ending: AbortController): Promise<void> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (ending.signal.aborted) process.exit(1)
        ending.abort()
        setTimeout(() => process.exit(1), 30_000).unref()
        done()
      })
  })

type Said =
  { event: 'ready'; links: Demo['links']; folder: string; kept: boolean } | ({ event: 'attack' } & AttackStep)

const attackOn = (demo: Demo, say: (said: Said) => void, signal: AbortSignal): Promise<void> =>
  attack(demo, (step) => say({ event: 'attack', ...step }), signal)

const sayJson = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`)

function sayWords(said: Said): void {
  process.stdout.write(said.event === 'ready' ? readyWords(said) : `  attack  ${attackWords(said)}\n`)
}

const readyWords = ({ links, folder, kept }: Extract<Said, { event: 'ready' }>): string => `
  Garde runs, with three fictional practices.

    Records app          ${links.recordsApp}
    Security console     ${links.console}
    Your account         ${links.account}
    API documentation    ${links.apiDocumentation}

  No passkey device? On Garde's pages, the striped bar at the foot lets you be anybody of the cast:
  choose a person, then use the page's own passkey button. It exists in this demonstration only.
  Try: Camille Aubrac in the records app, Aurore Siméon in the console.

  ${kept ? `Kept in ${folder}` : 'Nothing is kept; --data <folder> keeps it'}. Ctrl-C ends it.

`

const attackWords = (step: AttackStep): string => (words[step.step] as (step: AttackStep) => string)(step)

const words: { [Step in AttackStep['step']]: (step: Extract<AttackStep, { step: Step }>) => string } = {
  'signed-in': () =>
    'Paul Vasseur, who left, has signed in: nobody closed his account. Watch the console, and cut it.',
  read: ({ patient, count, pauseMs }) =>
    `read ${patient} (${count} so far, next in ${(pauseMs / 1000).toFixed(1)} s)`,
  'read-again': ({ patient }) => `read ${patient} again: what is open already stays readable`,
  refused: ({ patient, status, message }) => `${patient} refused (${status}): ${message}`,
  over: ({ count, message }) => `over after ${count} records: ${message}`,
}

function sentenceOf(error: unknown): string {
  if (error instanceof StartFault) return error.message
  return error instanceof Error ? error.message : String(error)
}

process.umask(0o077)
await main().catch((error: unknown) => {
  process.stderr.write(`The demonstration does not start. ${sentenceOf(error)}\n`)
  process.exitCode = error instanceof StartFault ? error.exitCode : 1
})
