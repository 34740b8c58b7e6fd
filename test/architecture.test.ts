/** Imports go one way (README, Structure). Reads every import of `src` and says a broken rule in words. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../src')

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
)

const statement = /^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g

const imports: Import[] = files.flatMap((from) => {
  const source = readFileSync(join(root, from), 'utf8')
  const found = [...source.matchAll(statement)].map((match) => ({
    typeOnly: match[1] !== undefined,
    to: match[2] ?? '',
  }))
  const late = [...source.matchAll(dynamic)].map((match) => ({ typeOnly: false, to: match[1] ?? '' }))
  return [...found, ...late].map(({ typeOnly, to }) => ({
    from,
    typeOnly,
    to: to.startsWith('.') ? normalize(relative(root, join(root, dirname(from), to))) : to,
  }))
})

const room = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : path)
const inside = (path: string, ...rooms: string[]): boolean => rooms.includes(room(path))

const outer = ['runtime', 'cli', 'demo']
const features = ['oauth', 'signin', 'account', 'console', 'admin', 'incidents', 'gateway']
const domain = [
  'people',
  'risk',
  'tokens',
  'restrictions',
  'audit',
  'resources',
  'clients',
  'grants',
  'deliveries',
  'operators',
  'retention',
]
const shared = ['web.ts', 'services.ts', 'config.ts']

/** Height of a room: an import never goes up. Type-only imports may (the schema names domain types). */
function height(path: string): number {
  if (inside(path, ...outer)) return 6
  if (path === 'app.ts') return 5
  if (inside(path, ...features)) return 4
  if (inside(path, ...shared, 'ui')) return 3
  if (inside(path, ...domain)) return 2
  if (inside(path, 'db')) return 1
  return 0
}

const rules: { rule: string; broken: (i: Import) => boolean }[] = [
  {
    rule: 'a folder of src has a place in the order of rooms',
    broken: ({ from }) => height(from) === 0 && !inside(from, 'core'),
  },
  {
    rule: 'imports go down: runtime → app → features → domain → db → core',
    broken: ({ from, to, typeOnly }) => files.includes(to) && !typeOnly && height(to) > height(from),
  },
  {
    rule: 'features never import each other',
    broken: ({ from, to }) => inside(from, ...features) && inside(to, ...features) && room(from) !== room(to),
  },
  {
    rule: 'core imports nothing but itself',
    broken: ({ from, to, typeOnly }) =>
      inside(from, 'core') && files.includes(to) && !typeOnly && !inside(to, 'core'),
  },
  {
    rule: 'SQL stands in stores, db and runtime only',
    broken: ({ from, to, typeOnly }) =>
      !typeOnly &&
      (to.startsWith('drizzle-orm') || to === 'db/schema.ts') &&
      !/(^|[-/])(store|strangers)\.ts$/.test(from) &&
      !inside(from, 'db', 'runtime'),
  },
  {
    rule: 'Hono is spoken in routes, pages, ui, app and runtime only',
    broken: ({ from, to, typeOnly }) =>
      !typeOnly &&
      /^hono(\/|$)/.test(to) &&
      !inside(from, 'ui', 'app.ts', 'runtime', 'demo', 'oauth') &&
      !/(routes|pages|cookies?|csrf|middleware)\.ts$/.test(from),
  },
  {
    rule: 'markup stands in pages and ui only',
    broken: ({ from, to, typeOnly }) =>
      !typeOnly && to === 'hono/html' && !/pages\.ts$|-page\.ts$/.test(from) && !inside(from, 'ui', 'demo'),
  },
  {
    rule: 'node: is known to runtime, cli and demo only',
    broken: ({ from, to }) => to.startsWith('node:') && !inside(from, ...outer),
  },
  {
    rule: 'the gateway sees core, tokens, restrictions, audit and resources, without their stores',
    broken: ({ from, to }) =>
      inside(from, 'gateway') &&
      files.includes(to) &&
      (!inside(to, 'gateway', 'core', 'tokens', 'restrictions', 'audit', 'resources') ||
        to.endsWith('store.ts')),
  },
  {
    rule: 'the product never imports the demo',
    broken: ({ from, to }) => inside(to, 'demo') && !inside(from, 'demo'),
  },
  { rule: 'no index.ts barrels', broken: ({ from }) => from.endsWith('index.ts') },
  {
    rule: '@simplewebauthn/server belongs to people/passkey.ts',
    broken: ({ from, to, typeOnly }) =>
      !typeOnly && to.startsWith('@simplewebauthn/') && from !== 'people/passkey.ts',
  },
  {
    rule: 'otplib belongs to people/totp.ts',
    broken: ({ from, to }) => to === 'otplib' && from !== 'people/totp.ts',
  },
  {
    rule: 'rate-limiter-flexible belongs to runtime',
    broken: ({ from, to }) => to.startsWith('rate-limiter-flexible') && !inside(from, 'runtime'),
  },
  {
    rule: 'jose belongs to tokens, audit and oauth',
    broken: ({ from, to, typeOnly }) =>
      to === 'jose' && !typeOnly && !inside(from, 'tokens', 'oauth', 'audit', 'demo'),
  },
]

test.each(rules)('$rule', ({ broken }) => {
  expect(imports.filter(broken).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('the reader of imports sees what it should', () => {
  expect(imports.length).toBeGreaterThan(50)
  expect(imports).toContainEqual({ from: 'app.ts', to: 'core/refusal.ts', typeOnly: false })
})
