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
  | { step: 'step-up'; message: string }
  | { step: 'refused'; patient: string; status: number; message: string }
  | { step: 'over'; message: string; count: number }

const pace = { firstMs: 6000, factor: 0.93, leastMs: 400, refusedMs: 5000 }
/** Refused this often in a row, he gives up. */
const mostRefusals = 24

export async function attack(demo: Demo, report: Report, signal: AbortSignal): Promise<void> {
  let count = 0
  try {
    const thief = await enter(demo)
    report({ step: 'signed-in' })
    count = await plunder(demo, thief, report, signal, (n) => (count = n))
  } catch (error) {
    if (!(error instanceof TurnedAway)) throw error
    report({ step: 'over', message: error.message, count })
  }
}

interface Thief {
  token(): string
  /** A new sign-in: what a step-up asks for, and what an ended session needs. */
  again(): Promise<void>
}

async function enter({ client, desk }: Demo): Promise<Thief> {
  let signedIn: SignedIn = await signInAs(client, desk, leaver)
  return {
    token: () => signedIn.tokens.access_token,
    again: async () => {
      signedIn = await signInAs(client, desk, leaver)
    },
  }
}

async function plunder(
  demo: Demo,
  thief: Thief,
  report: Report,
  signal: AbortSignal,
  counted: (count: number) => void,
): Promise<number> {
  let count = 0
  let refusals = 0
  let pauseMs = pace.firstMs
  const targets = [...demo.patients['msp-de-la-garenne'], ...demo.patients['cabinet-des-tilleuls']]
  for (let i = 0; !signal.aborted && refusals < mostRefusals; i++) {
    const patient = targets[i % targets.length] ?? ''
    const answer = await read(demo, thief.token(), patient)
    if (answer.status === 200) {
      count += 1
      refusals = 0
      counted(count)
      report({ step: 'read', patient, count, pauseMs: Math.round(pauseMs) })
      pauseMs = Math.max(pace.leastMs, pauseMs * pace.factor)
    } else if (answer.status === 401) {
      refusals += 1
      report({ step: 'step-up', message: answer.message })
      await pause(pace.refusedMs, signal)
      await thief.again()
    } else {
      refusals += 1
      report({ step: 'refused', patient, status: answer.status, message: answer.message })
      pauseMs = pace.refusedMs
    }
    await pause(pauseMs, signal)
  }
  if (!signal.aborted) report({ step: 'over', message: 'nothing is served any more', count })
  return count
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
