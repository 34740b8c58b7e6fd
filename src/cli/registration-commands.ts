/** Initial access tokens, with which applications register themselves. */

import { listAll, when } from './admin-commands.ts'
import { shown, type Command } from './command.ts'
import { parseDuration } from './duration.ts'
import { columns } from './help.ts'

const list = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String))

export const registrationCommands: Command[] = [
  {
    words: 'registration allow',
    summary: 'make a token with which applications may register themselves; it is shown once',
    options: {
      profile: { value: 'smart-public', says: 'a profile they may take', many: true, required: true },
      scope: { value: 'user/*.rs', says: 'a scope they may ask for', many: true, required: true },
      resource: { value: 'https://…', says: 'an audience they may ask tokens for', many: true },
      uses: { value: '1', says: 'how many may register (100 at most)' },
      ttl: { value: '24h', says: 'how long it lives (24h at most)' },
    },
    run: async ({ options: { profile, scope, resource, uses, ttl } }, world) => {
      const data = await world.admin('POST', '/registration-tokens', {
        profiles: list(profile),
        scopes: list(scope),
        resources: list(resource),
        ...(uses !== undefined && { uses: Number(uses) }),
        ...(typeof ttl === 'string' && { lifetimeSeconds: parseDuration(ttl) }),
      })
      const until = `${shown(data['usesLeft'])} may register until ${when(data['expiresAt'])}`
      return { data, text: [shown(data['token']), until] }
    },
  },
  {
    words: 'registration list',
    summary: 'tokens with which applications may still register themselves',
    run: async (_, world) => {
      const items = await listAll(world, '/registration-tokens')
      const rows = items.map((item) => [
        shown(item['id']),
        shown(item['usesLeft']),
        when(item['expiresAt']),
        list(item['profiles']).join(' '),
      ])
      return { data: items, text: columns(rows) }
    },
  },
  {
    words: 'registration revoke',
    summary: 'let nobody register with a token any more; who has registered stays',
    positionals: ['rgt_…'],
    run: async ({ positionals: [id = ''] }, world) => {
      const path = `/registration-tokens/${encodeURIComponent(id)}/revoke`
      const data = await world.admin('POST', path, {})
      return { data, text: [`${shown(data['revoked'])} is revoked`] }
    },
  },
]
