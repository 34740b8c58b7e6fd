/** `garde`, as real processes beside a running server: what a script does to set up, to tighten and to prove. */

import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProcess, type Started } from '../support/process.ts'

let server: Started
let data: string

beforeAll(async () => {
  data = join(mkdtempSync(join(tmpdir(), 'garde-cli-')), 'data')
  server = startProcess('bin/start.js', [], { GARDE_DATA: data, GARDE_PORT: '0' })
  // The set-up link comes last: the operator it makes is there.
  await server.says(/\/signin\/enrol#/)
})
afterAll(() => server.kill())

interface Said {
  exitCode: number | null
  stdout: string
  stderr: string
}

async function garde(line: string, environment: Record<string, string> = {}): Promise<Said> {
  const command = startProcess('bin/garde.js', line.split(' '), { GARDE_DATA: data, ...environment })
  const exitCode = await command.exitCode
  return { exitCode, stdout: command.stdout(), stderr: command.stderr() }
}

async function json<Answer>(line: string, environment: Record<string, string> = {}): Promise<Answer> {
  const { exitCode, stdout, stderr } = await garde(`${line} --json`, environment)
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  return JSON.parse(stdout) as Answer
}

const minutes = 60_000

test(
  'a script sets up, cuts, and finds it all in a log that is intact',
  { timeout: 5 * minutes },
  async () => {
    const { token } = await json<{ token: string }>('admin token --ttl 1h')
    const script = { GARDE_TOKEN: token }
    const practice = await json<{ id: string }>('practice add --name Lilas --records-name org-1', script)
    const person = await json<{ id: string }>(
      'practitioner add --given-name Ada --family-name Martin --email ada@lilas.example',
      script,
    )
    await json(
      `membership add --practitioner ${person.id} --practice ${practice.id} --role clinician`,
      script,
    )
    await json(
      'resource add --name records --audience https://api.example/fhir --base /fhir --upstream http://127.0.0.1:9',
      script,
    )
    await json(
      'client add --id records-app --name Dossier --profile smart-public --redirect-uri http://127.0.0.1/callback --scope user/*.rs --resource https://api.example/fhir',
      script,
    )
    const strict = join(data, '../client.json')
    writeFileSync(
      strict,
      JSON.stringify({
        id: 'region',
        name: 'Region',
        profile: 'fapi2',
        redirectUris: ['https://app.example/cb'],
        scopes: ['user/*.rs'],
        resources: ['https://api.example/fhir'],
        options: { jwksUri: 'https://app.example/jwks' },
      }),
    )
    await json(`client add --file ${strict}`, script)
    const refused = await garde('client add --profile fapi2 --name Region --scope user/*.rs', script)
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('jwksUri') })
    expect(await json<{ url: string }>(`invite ${person.id}`, script)).toMatchObject({
      url: expect.stringContaining('/signin/enrol#'),
    })
    expect((await garde('client list', script)).stdout).toBe(
      '  records-app  Dossier  smart-public\n  region       Region   fapi2\n',
    )

    expect((await garde('client show records-app', script)).stdout).toMatch(/profile +smart-public/)
    const configuration = await garde('client show records-app --for curl', script)
    expect(configuration.stdout).toContain('client_id=records-app')
    const impossible = await garde('client show records-app --for keycloak', script)
    expect(impossible).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('cannot prove itself') })

    const fails = await garde('client check http://127.0.0.1/Callback --client records-app', script)
    expect(fails).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('Capitals and small letters'),
    })

    const cut = await garde(
      `restrict --practitioner ${person.id} --effect deny --reason badge-stolen`,
      script,
    )
    expect(cut.stdout).toMatch(/^rst_\S+\napplied on \S+ at /)
    const [id = ''] = cut.stdout.split('\n')
    expect((await garde('restrictions', script)).stdout).toContain(`${id}  active  deny`)
    // Lifting is for an operator's fresh passkey: the script is told where.
    expect((await garde(`lift ${id} --reason found`, script)).stdout).toMatch(/\/console\/approvals\/apr_/)
    expect((await garde('restrictions', script)).stdout).toContain(`${id}  active  deny`)

    expect(await json('audit verify')).toMatchObject({ intact: true, keysFrom: 'the server' })
    const file = join(data, '../export.jsonl')
    await json(`audit export --file ${file}`)
    expect(await json(`audit verify --file ${file}`)).toMatchObject({ intact: true })
    const proof = join(data, '../proof.json')
    writeFileSync(proof, JSON.stringify(await json('audit prove --entry 0')))
    const [key = ''] = (JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '') as { keys: string[] })
      .keys
    expect(await json(`audit verify --proof ${proof} --key ${key}`)).toMatchObject({ holds: true })
    expect(await json(`audit events --kind administration --practitioner ${person.id}`)).toMatchObject([
      { event: { kind: 'enrolment.invited' } },
      { event: { kind: 'membership.saved' } },
      { event: { kind: 'practitioner.saved' } },
    ])
    expect(await json(`audit patients --practitioner ${person.id} --since 2d`)).toMatchObject({
      distinct: 0,
      complete: true,
    })
  },
)

test('the set-up link can be printed again, and the one before dies', async () => {
  const first = await json<{ url: string }>('setup-link')
  const second = await json<{ url: string }>('setup-link')
  expect(second.url).not.toBe(first.url)
})

test('an operator is only asked for by a token, and the command says where one decides', async () => {
  const { exitCode, stdout, stderr } = await garde('operator add --name Eve --email eve@x.example')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^waits for an operator, who decides here:\n\S+\/console\/approvals\/apr_/)
})

test('a token over plain http to elsewhere is not sent', async () => {
  const elsewhere = { GARDE_URL: 'http://id.example', GARDE_TOKEN: 'secret' }
  expect(await garde('practice list', elsewhere)).toMatchObject({ exitCode: 2, stdout: '' })
})

test('the state of the running server', async () => {
  const status = await garde('status --json')
  expect(JSON.parse(status.stdout)).toMatchObject({ process: server.pid, database: 'embedded', setUp: false })
})

test('the doctor finds nothing that must be mended', async () => {
  const findings = await json<{ about: string; state: string }[]>('doctor')
  expect(findings.filter(({ state }) => state === 'bad')).toEqual([])
  expect(findings.map(({ about }) => about)).toContain('durability')
})

test('without a server, one sentence says where none was found', async () => {
  const { exitCode, stderr } = await garde('status', { GARDE_DATA: join(data, 'nowhere') })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(
    /^No Garde runs on \S+: start it \(npm start\), or set GARDE_DATA to its directory\.\n$/,
  )
})

test('nobody but the owner can open the control socket', () => {
  expect(statSync(join(data, 'control.sock')).mode & 0o777).toBe(0o600)
  expect(statSync(data).mode & 0o777).toBe(0o700)
})
