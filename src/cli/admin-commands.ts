/** Commands that are one call of the admin API each: a row says path, fields and the columns a person reads. */

import { readFileSync } from 'node:fs'
import { checkTexts } from '../clients/check/texts.ts'
import { targetNames } from '../clients/recipes/targets.ts'
import { CliFault, shown, type Command, type Line, type Option, type Outcome, type World } from './command.ts'
import { columns } from './help.ts'

/** An option and the member of the body it becomes. */
interface Field extends Option {
  member: string
  number?: true
}

const text = (member: string, value: string, says: string, more: Partial<Field> = {}): Field => ({
  member,
  value,
  says,
  ...more,
})
const required = { required: true } as const

export const when = (at: unknown): string =>
  at === undefined || at === null ? '' : new Date(Number(at) * 1000).toISOString()

/** A body of the options that were given. */
export function bodyOf(fields: Record<string, Field>, { options }: Line): Record<string, unknown> {
  const given = Object.entries(fields).filter(([name]) => options[name] !== undefined)
  return Object.fromEntries(
    given.map(([name, { member, number }]) => [member, number ? Number(options[name]) : options[name]]),
  )
}

/** What loosens is not done by a script: it says where an operator decides. */
const madeOrWaits = (data: Record<string, unknown>, made: () => string[]): Outcome =>
  data['act'] === undefined
    ? { data, text: made() }
    : { data, text: ['waits for an operator, who decides here:', shown(data['url'])] }

/** Everything, page after page. */
export async function listAll(
  world: World,
  path: string,
  cursor: 'after' | 'before' = 'after',
): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  const separator = path.includes('?') ? '&' : '?'
  let next: unknown
  do {
    const page = next === undefined ? '' : `${separator}${cursor}=${encodeURIComponent(shown(next))}`
    const answer = await world.admin('GET', `${path}${page}`)
    all.push(...(answer['items'] as Record<string, unknown>[]))
    next = answer['next']
  } while (next !== undefined)
  return all
}

const list = (words: string, summary: string, path: string, members: string[]): Command => ({
  words,
  summary,
  run: async (_, world) => {
    const items = await listAll(world, path)
    return { data: items, text: columns(items.map((item) => members.map((member) => shown(item[member])))) }
  },
})

const add = (words: string, summary: string, path: string, fields: Record<string, Field>): Command => ({
  words,
  summary,
  options: fields,
  run: async (line, world) => {
    const data = await world.admin('POST', path, bodyOf(fields, line))
    return madeOrWaits(data, () => [shown(data['id'] ?? data['name'])])
  },
})

const invitationKinds = { prt: '/practitioners', opr: '/operators' } as const

const invite: Command = {
  words: 'invite',
  summary: 'make a one-time link for a practitioner’s or operator’s first passkey',
  positionals: ['prt_… or opr_…'],
  run: async ({ positionals: [id = ''] }, world) => {
    const path = invitationKinds[id.slice(0, 3) as keyof typeof invitationKinds]
    if (!path) throw new CliFault(`"${id}" is neither a practitioner (prt_…) nor an operator (opr_…).`, 2)
    const data = await world.admin('POST', `${path}/${encodeURIComponent(id)}/invitation`, {})
    return madeOrWaits(data, () => [shown(data['url']), `valid until ${when(data['expiresAt'])}, once`])
  },
}

const resourceFields = {
  name: text('name', 'records', 'what it is called'),
  audience: text('audience', 'https://…/records', 'resource indicator and audience of its tokens'),
  base: text('base', '/records', 'where Garde serves it'),
  upstream: text('upstream', 'http://127.0.0.1:9000', 'where the records API is'),
}

const addResource: Command = {
  words: 'resource add',
  summary: 'protect a records API: a FHIR one by options, any other by a file',
  options: {
    ...resourceFields,
    file: { value: 'resource.json', says: 'the whole resource as JSON; - for standard input' },
  },
  run: async (line, world) => {
    const { file } = line.options
    const body = typeof file === 'string' ? readJson(file) : { kind: 'fhir', ...bodyOf(resourceFields, line) }
    const data = await world.admin('POST', '/resources', body)
    return madeOrWaits(data, () => [shown(data['name'])])
  },
}

function readJson(file: string): object {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as object
  } catch (error) {
    throw new CliFault(
      `${file} cannot be read as JSON: ${error instanceof Error ? error.message : 'unknown'}`,
      2,
    )
  }
}

const clientFields = {
  id: text('id', 'records-app', 'client_id; made up when left out'),
  name: text('name', 'Name', 'what people know it by'),
  profile: text('profile', 'smart-public', 'smart-public, web-confidential, fapi2 or backend'),
  'redirect-uri': text('redirectUris', 'https://…', 'where it returns to, exactly', {
    many: true,
  }),
  'post-logout-redirect-uri': text('postLogoutRedirectUris', 'https://…', 'where signing out returns to', {
    many: true,
  }),
  'backchannel-logout-uri': text('backchannelLogoutUri', 'https://…', 'where it is told of sign-outs'),
  scope: text('scopes', 'user/*.rs', 'a scope it may ask for', { many: true }),
  resource: text('resources', 'https://…', 'an audience it may ask tokens for', { many: true }),
  'grant-type': text('grantTypes', 'client_credentials', 'a way it may ask for tokens', { many: true }),
  'acts-on-tokens-of': text('actsOnTokensOf', 'records-app', 'a client on whose tokens it may act', {
    many: true,
  }),
}

function clientOf(line: Line): object {
  const { backchannelLogoutUri, actsOnTokensOf, ...given } = bodyOf(clientFields, line)
  const options = {
    ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
    ...(actsOnTokensOf !== undefined && { actsOnTokensOf }),
  }
  return { ...given, firstParty: line.options['first-party'] === true, options }
}

const addClient: Command = {
  words: 'client add',
  summary: 'register a records app, by options or by a file; its secret, if it has one, is shown once',
  options: {
    ...clientFields,
    'first-party': { says: 'no consent is asked; an operator decides with a passkey in the console' },
    file: { value: 'client.json', says: 'the whole client as JSON, with its keys; - for standard input' },
  },
  run: async (line, world) => {
    const { file } = line.options
    const body = typeof file === 'string' ? readJson(file) : clientOf(line)
    const data = await world.admin('POST', '/clients', body)
    return madeOrWaits(data, () => [
      (data['client'] as { id: string }).id,
      ...(data['secret'] === undefined ? [] : [`secret ${shown(data['secret'])}`]),
    ])
  },
}

const showClient: Command = {
  words: 'client show',
  summary: 'what a records app may do; or how to set up a program for it',
  positionals: ['records-app'],
  options: { for: { value: 'openid-client', says: `print the configuration for ${targetNames.join(', ')}` } },
  run: async ({ positionals: [id = ''], options }, world) => {
    const path = `/clients/${encodeURIComponent(id)}`
    if (options['for'] === undefined) {
      const data = await world.admin('GET', path)
      return { data, text: columns(Object.entries(data).map(([name, value]) => [name, shown(value)])) }
    }
    const { items } = (await world.admin('GET', `${path}/configurations`)) as { items: Configuration[] }
    const found = items.find(({ name }) => name === options['for'])
    if (!found) throw new CliFault(`--for is one of ${targetNames.join(', ')}.`, 2)
    if (found.text === undefined) throw new CliFault(found.why ?? '')
    return { data: found, text: [found.text.trimEnd()] }
  },
}

const checkAddress: Command = {
  words: 'client check',
  summary: 'why a failing authorization URL, or a return address, is refused',
  positionals: ['URL'],
  options: { client: { value: 'records-app', says: 'whose return address it should be' } },
  run: async ({ positionals: [address = ''], options }, world) => {
    const { client } = options
    const body = { address, ...(client !== undefined && { client }) }
    const data = await world.admin('POST', '/clients/check', body)
    const faults = data['faults'] as { parameter?: string; says: string }[]
    if (faults.length === 0) return { data, text: [checkTexts.en.sound] }
    return { data, text: faults.map(({ says }) => says), exitCode: 1 }
  },
}

interface Configuration {
  name: string
  text?: string
  why?: string
}

const addMembership: Command = {
  words: 'membership add',
  summary: 'make a practitioner a member of a practice',
  options: {
    practitioner: text('', 'prt_…', 'who', required),
    practice: text('practice', 'prc_…', 'where', required),
    role: text('role', 'clinician', 'clinician, secretary or manager', required),
    doctors: text('doctors', '2', 'for a secretary: of how many doctors', { number: true }),
  },
  run: async (line, world) => {
    const { practitioner: _, ...fields } = addMembership.options as Record<string, Field>
    const who = encodeURIComponent(shown(line.options['practitioner']))
    const data = await world.admin('POST', `/practitioners/${who}/memberships`, bodyOf(fields, line))
    return madeOrWaits(data, () => [shown(data['id'])])
  },
}

export const adminCommands: Command[] = [
  add('practice add', 'create a practice', '/practices', {
    name: text('name', 'Name', 'what people call it', required),
    'records-name': text('recordsName', 'org-1', 'how the records API names it (Organization id)', required),
    finess: text('finess', '123456789', 'FINESS number'),
    siren: text('siren', '123456789', 'SIREN number'),
  }),
  list('practice list', 'practices, by name', '/practices', ['id', 'name', 'recordsName']),
  add('practitioner add', 'create a practitioner', '/practitioners', {
    'given-name': text('givenName', 'Ada', 'given name', required),
    'family-name': text('familyName', 'Martin', 'family name', required),
    email: text('email', 'ada@…', 'address, unique', required),
    rpps: text('rpps', '10001234567', 'RPPS number'),
    'records-name': text('recordsName', 'prat-1', 'how the records API names them (Practitioner id)'),
    language: text('language', 'fr', 'fr or en'),
  }),
  list('practitioner list', 'practitioners, by family name', '/practitioners', [
    'id',
    'familyName',
    'givenName',
    'email',
  ]),
  addMembership,
  add('operator add', 'create an operator; another one decides with a passkey in the console', '/operators', {
    name: text('name', 'Name', 'name', required),
    email: text('email', 'ada@…', 'address, unique', required),
    language: text('language', 'fr', 'fr or en'),
  }),
  list('operator list', 'operators', '/operators', ['id', 'name', 'email']),
  addClient,
  showClient,
  checkAddress,
  list('client list', 'registered records apps', '/clients', ['id', 'name', 'profile']),
  addResource,
  list('resource list', 'protected records APIs', '/resources', ['name', 'kind', 'base', 'upstream']),
  invite,
]
