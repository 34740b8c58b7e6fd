/** Commands for the machine the server runs on: start it, look at it, first access. */

import { parseDuration } from './duration.ts'
import { shown, type Command } from './command.ts'
import { doctor } from './doctor.ts'
import { columns } from './help.ts'

const when = (at: unknown): string => new Date(Number(at) * 1000).toISOString()

/** One row per member; members of members on rows of their own. */
const facts = (data: Record<string, unknown>): string[] =>
  columns(Object.entries(data).map(([name, value]) => [name, shown(value)]))

export const localCommands: Command[] = [
  {
    words: 'serve',
    summary: 'serve until told to stop (what npm start does)',
    run: async (_, { environment }) => {
      const { serve } = await import('../runtime/serve.ts')
      await serve(environment)
      return { data: null, text: [] }
    },
  },
  {
    words: 'status',
    summary: 'what the running server says of itself',
    run: async (_, { control }) => {
      const data = await control('status')
      return { data, text: facts(data) }
    },
  },
  {
    words: 'doctor',
    summary: 'look for what would go wrong: configuration, data directory, database, clock',
    run: (_, world) => doctor(world),
  },
  {
    words: 'setup-link',
    summary: 'print a fresh link for the first operator; the one before dies',
    run: async (_, { control }) => {
      const data = await control('setup-link')
      return { data, text: [shown(data['url']), `valid until ${when(data['expiresAt'])}, once`] }
    },
  },
  {
    words: 'keys list',
    summary: 'the signing keys that count, and since when they are what they are',
    run: async (_, { control }) => {
      const data = await control('keys')
      const rows = data['keys'] as Record<string, unknown>[]
      return {
        data,
        text: columns(
          rows.map(({ kid, use, alg, state, stateAt }) => [
            ...[kid, use, alg, state].map(shown),
            `since ${when(stateAt)}`,
          ]),
        ),
      }
    },
  },
  {
    words: 'keys rotate',
    summary: 'replace signing keys now; what they signed is accepted until it ends by itself',
    options: {
      use: { value: 'token', says: 'only keys of this use: token or assertion' },
      alg: { value: 'ES256', says: 'only keys of this algorithm: ES256, RS256 or EdDSA' },
      operator: { value: 'opr_…', says: 'who acts; may be left out when there is one operator' },
    },
    run: async ({ options }, { control }) => {
      const data = await control('keys-rotate', options)
      const rows = data['rotated'] as Record<string, unknown>[]
      return { data, text: columns(rows.map(({ kid, use, alg }) => [shown(kid), shown(use), shown(alg)])) }
    },
  },
  {
    words: 'keys revoke',
    summary: 'a signing key may be stolen: what it signed is refused at once, a new one takes its place',
    positionals: ['kid'],
    options: { operator: { value: 'opr_…', says: 'who acts; may be left out when there is one operator' } },
    run: async ({ positionals: [kid = ''], options }, { control }) => {
      const data = await control('keys-revoke', {
        kid,
        ...(options['operator'] !== undefined && { operator: options['operator'] }),
      })
      return { data, text: [`revoked ${shown(data['revoked'])}`] }
    },
  },
  {
    words: 'admin token',
    summary: 'make a short-lived token for the admin API; what it does is recorded as its operator’s',
    options: {
      ttl: { value: '1h', says: 'how long it lives: 1m to 24h', required: true },
      operator: { value: 'opr_…', says: 'who acts; may be left out when there is one operator' },
    },
    run: async ({ options }, { control }) => {
      const data = await control('admin-token', {
        ttlSeconds: parseDuration(shown(options['ttl'])),
        ...(options['operator'] !== undefined && { operator: options['operator'] }),
      })
      return { data, text: [shown(data['token'])] }
    },
  },
]
