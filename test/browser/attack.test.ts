/**
 * `npm run demo -- --attack` to its end, as an operator lives it in a real Chromium: the finding, who it is, what a cut
 * would touch, the cut, the attacker's next call, what the log says, and the lift. The attacker takes a step when told.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attack, type AttackStep } from '../../src/demo/attack.ts'
import { startDemo, type Demo } from '../../src/demo/start.ts'
import { launchChromium, type TestBrowser } from '../support/chromium.ts'
import { startProcess } from '../support/process.ts'

let folder: string
let demo: Demo
let chromium: TestBrowser
let page: Page
let thief: ReturnType<typeof atLarge>
const faults: string[] = []
const violations: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'garde-attack-'))
  demo = await startDemo(folder, (level, message) => {
    if (level === 'error') faults.push(message)
  })
  chromium = await launchChromium()
  page = await (await chromium.browser.newContext({ locale: 'en-GB' })).newPage()
  page.on('console', (line) => {
    if (/Content.Security.Policy|Trusted/i.test(line.text())) violations.push(line.text())
  })
})
afterAll(async () => {
  await thief?.stop()
  await chromium?.close()
  await demo?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** He waits after each call until `next`, which answers what came of the call he then makes. */
function atLarge() {
  const ending = new AbortController()
  const steps: AttackStep[] = []
  /** Told to go on before he waits (he may be signing in again), he goes on at once. */
  let turns = 0
  let go: (() => void) | undefined
  const letGo = () => {
    turns += 1
    go?.()
  }
  let waiting: ((step: AttackStep) => void) | undefined
  const told = () =>
    new Promise<AttackStep>((resolve) => {
      waiting = resolve
    })
  const first = told()
  const over = attack(
    demo,
    (step) => {
      steps.push(step)
      if (step.step !== 'signed-in') waiting?.(step)
    },
    ending.signal,
    (_, signal) =>
      new Promise((resolve) => {
        go = () => {
          turns -= 1
          go = undefined
          resolve()
        }
        if (signal.aborted || turns > 0) go()
      }),
  )
  return {
    steps,
    first,
    next: async (): Promise<AttackStep> => {
      const step = told()
      letGo()
      return step
    },
    stop: () => {
      ending.abort()
      letGo()
      return over
    },
  }
}

const served = () => thief.steps.filter(({ step }) => step === 'read').length
const body = () => page.locator('main').innerText()

/** The command line as a process of its own, against the demonstration's server. */
async function garde(...words: string[]): Promise<Record<string, unknown>> {
  const child = startProcess('bin/garde.js', [...words, '--json'], {
    GARDE_DATA: join(folder, 'garde'),
    ...(operator !== undefined && { GARDE_OPERATOR: operator }),
  })
  const failed = (await child.exitCode) !== 0
  return JSON.parse(failed ? child.stderr() : child.stdout()) as Record<string, unknown>
}

test('the operator comes in by the demonstration’s own passkey', async () => {
  await page.goto(demo.links.console)
  await page.getByRole('button', { name: 'Use their passkey' }).click()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.waitForURL(demo.links.console)
  expect(await body()).toContain('Who is signed in')
})

test('garde stops him by itself, twice, and the desk says so', async () => {
  thief = atLarge()
  await thief.first
  let stopped = false
  while (!stopped) {
    const step = await thief.next()
    if (step.step === 'over') throw new Error(JSON.stringify(thief.steps))
    stopped = step.step === 'refused' && step.status === 423
  }
  expect(served()).toBeGreaterThan(10)
  await page.goto(demo.links.console)
  const findings = await page.locator('#findings').innerText()
  expect(findings).toContain('Different patients in 5 min')
  expect(findings).toContain('fresh passkey')
  expect(findings).toContain('Paul Vasseur')
})

let person: string
let operator: string | undefined

test('who is it: his page says where he sits and what he read, in one line that opens', async () => {
  await page.locator('#findings').getByRole('link', { name: 'Paul Vasseur' }).first().click()
  await page.waitForURL(/\/console\/practitioners\/prt_/)
  person = page.url().split('/').at(-1) ?? ''
  expect(await body()).toContain('Maison de santé')
  const log = page.locator('#last-events')
  // What a gateway recorded reaches the database within about a second.
  const told = async () => {
    await page.reload()
    return log.innerText()
  }
  await expect.poll(told, { timeout: 15_000 }).toMatch(/\d+ records? opened/)
  await log
    .getByRole('link', { name: /See each read/ })
    .first()
    .click()
  expect(await page.getByText('Record served').count()).toBeGreaterThan(5)
  await page.goBack()
})

test('the cut is previewed, done, and met by his next call', async () => {
  await page.getByRole('link', { name: /Cut an access/ }).click()
  expect(await page.locator('#touched').innerText()).toContain('Paul Vasseur')
  expect(await page.locator('#touched').innerText()).toContain('1 person')
  await page.getByLabel('Refuse everything').check()
  await page.getByLabel(/End open sessions|Also end|sessions/i).check()
  await page.getByLabel('Reason').fill('He left in spring; his account was forgotten.')
  await page.getByRole('button', { name: 'Cut now' }).click()
  await page.waitForURL(/\/console\/restrictions\/rst_/)
  expect(await body()).toContain('Applied on')
  const already = served()
  const step = await thief.next()
  expect(step).toMatchObject({ step: 'refused' })
  expect((await thief.next()).step).not.toBe('read')
  expect(served()).toBe(already)
})

test('the log says whom he read, as many as he got, and is what it was', async () => {
  const { error } = await garde('audit', 'patients', '--practitioner', person)
  operator = /(opr_[\w-]+) \(Aurore/.exec(String(error))?.[1]
  const patients = await garde('audit', 'patients', '--practitioner', person, '--since', '1h')
  expect(patients).toMatchObject({ distinct: served(), complete: true })
  const events = (await garde('audit', 'events', '--kind', 'cuts', '--practitioner', person)) as unknown as {
    event: { kind: string; reason?: string }
  }[]
  expect(events.map(({ event }) => event.kind)).toContain('restriction.made')
  expect(events.some(({ event }) => event.reason?.includes('his account was forgotten'))).toBe(true)
  expect(await garde('audit', 'verify')).toMatchObject({ intact: true })
})

test('lifting asks for the operator’s passkey, is done, and stays on the record', async () => {
  await page.getByLabel('Reason').fill('Wrong person: he is back as a locum.')
  await page.getByRole('button', { name: /Lift now/ }).click()
  await page.getByText('The restriction is lifted.').waitFor()
  await page.goto(`${demo.links.console}/events?show=cuts&practitioner=${person}`)
  expect(await body()).toContain('he is back as a locum')
})

test('nothing broke on the way', () => {
  expect(faults).toEqual([])
  expect(violations).toEqual([])
})
