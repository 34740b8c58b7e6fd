import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attack, type AttackStep } from './attack.ts'
import { signInAs, TurnedAway } from './sign-in-walk.ts'
import { startDemo, type Demo } from './start.ts'

let folder: string
let demo: Demo
const faults: string[] = []
const start = () =>
  startDemo(folder, (level, message) => {
    if (level === 'error') faults.push(message)
  })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'garde-demo-test-'))
  demo = await start()
})
afterAll(async () => {
  await demo.stop()
  rmSync(folder, { recursive: true })
})

const read = async (token: string, path: string) =>
  fetch(`${demo.client.audience}/${path}`, { headers: { Authorization: `Bearer ${token}` } })
const tokenOf = async (person: string) => (await signInAs(demo.client, demo.desk, person)).tokens.access_token

test('every link leads somewhere', async () => {
  for (const [name, link] of Object.entries(demo.links)) {
    const answer = await fetch(link, { headers: { accept: 'text/html' } })
    expect([name, answer.status]).toEqual([name, 200])
  }
})

test('somebody of the cast signs in and reads the own practice’s patients only', async () => {
  const token = await tokenOf('camille')
  const [own = ''] = demo.patients['cabinet-des-tilleuls']
  const [other = ''] = demo.patients['infirmiers-du-canal']
  expect((await read(token, `Patient/${own}`)).status).toBe(200)
  expect((await read(token, `Patient/${other}`)).status).toBe(403)
})

test('an operator gets no token for records', async () => {
  await expect(tokenOf('aurore')).rejects.toThrow(TurnedAway)
})

test('the leaver still gets in: there is something to cut', async () => {
  const ending = new AbortController()
  const steps: AttackStep[] = []
  await attack(
    demo,
    (step) => {
      steps.push(step)
      if (step.step === 'read') ending.abort()
    },
    ending.signal,
  )
  expect(steps).toMatchObject([{ step: 'signed-in' }, { step: 'read', patient: 'pat-049', count: 1 }])
})

test('goes on from a folder that was kept, with the same passkeys', async () => {
  await demo.stop()
  demo = await start()
  const [own = ''] = demo.patients['infirmiers-du-canal']
  expect((await read(await tokenOf('nadia'), `Patient/${own}`)).status).toBe(200)
  expect(faults).toEqual([])
})
