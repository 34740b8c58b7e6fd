/**
 * `--attack`: the account of a doctor who left, never cut, opens records of patients who are not his, faster and faster.
 * A real sign-in, a real token, the real gateway; whatever stops it is Garde, or whoever watches the console.
 */

import { leaver } from './data/cast.ts'
import { signInAs, TurnedAway, type SignedIn } from './sign-in-walk.ts'
import type { Demo } from './start.ts'

/** One line of what happened, for the terminal. */
export type Report = (step: AttackStep) => void
export type AttackStep =
  | { step: 'signed-in' }
  | { step: 'read'; patient: string; count: number; pauseMs: number }
  | { step: 'read-again'; patient: string; count: number; pauseMs: number }
  | { step: 'refused'; patient: string; status: number; message: string }
  | { step: 'over'; message: string; count: number }

const pace = { firstMs: 6000, factor: 0.93, leastMs: 400, refusedMs: 5000 }
/** Refused this often since the last new record, he gives up. */
const mostRefusals = 12

/** `wait`: until he tries again; a test lets him take one step after the other. */
export async function attack(
  demo: Demo,
  report: Report,
  signal: AbortSignal,
  wait: Wait = pause,
): Promise<void> {
  const seen: string[] = []
  try {
    const thief = await enter(demo, signal)
    report({ step: 'signed-in' })
    await plunder(demo, thief, { report, signal, wait }, seen)
  } catch (error) {
    if (!(error instanceof TurnedAway)) throw error
    report({ step: 'over', message: error.message, count: seen.length })
  }
}

type Wait = (ms: number, signal: AbortSignal) => Promise<void>

interface Around {
  report: Report
  signal: AbortSignal
  wait: Wait
}

interface Thief {
  token(): string
  /** A new sign-in: what a step-up asks for, and what an ended session needs. */
  again(): Promise<void>
}

async function enter({ client, desk }: Demo, signal: AbortSignal): Promise<Thief> {
  let signedIn: SignedIn = await signInAs(client, desk, leaver)
  return {
    token: () => signedIn.tokens.access_token,
    again: async () => {
      // Times are whole seconds: only a sign-in of a later one is newer than what asked for it.
      await pause(1000, signal)
      signedIn = await signInAs(client, desk, leaver)
    },
  }
}

/** New patients while they are served; once they are not, those he has seen already, with a new one tried now and then. */
async function plunder(
  demo: Demo,
  thief: Thief,
  { report, signal, wait }: Around,
  seen: string[],
): Promise<void> {
  const unseen = [...demo.patients['msp-de-la-garenne']]
  let refusals = 0
  let pauseMs: number = pace.firstMs
  for (let turn = 0; !signal.aborted && refusals < mostRefusals; turn++) {
    const again = refusals > 0 || unseen.length === 0 ? seen[turn % (seen.length + 1)] : undefined
    const patient = again ?? unseen[0] ?? ''
    const answer = await read(demo, thief.token(), patient)
    if (answer.status === 200) {
      if (again === undefined) {
        seen.push(patient)
        unseen.shift()
        refusals = 0
        pauseMs = Math.max(pace.leastMs, pauseMs * pace.factor)
      }
      const step = again === undefined ? 'read' : 'read-again'
      report({ step, patient, count: seen.length, pauseMs: Math.round(pauseMs) })
    } else {
      refusals += 1
      pauseMs = pace.refusedMs
      report({ step: 'refused', patient, status: answer.status, message: answer.message })
      if (answer.status === 401) await thief.again()
    }
    await wait(pauseMs, signal)
  }
  if (!signal.aborted) report({ step: 'over', message: 'he gives up', count: seen.length })
}

async function read(
  demo: Demo,
  token: string,
  patient: string,
): Promise<{ status: number; message: string }> {
  const response = await fetch(`${demo.client.audience}/Patient/${patient}`, {
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/fhir+json', 'Accept-Language': 'en' },
  })
  const body = (await response.json()) as { issue?: { details?: { text?: string }; diagnostics?: string }[] }
  const issue = body.issue?.[0]
  return { status: response.status, message: issue?.details?.text ?? issue?.diagnostics ?? '' }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
