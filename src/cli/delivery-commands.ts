/** Sign-outs that clients could not be told of. */

import { listAll } from './admin-commands.ts'
import { shown, type Command } from './command.ts'
import { columns } from './help.ts'

export const deliveryCommands: Command[] = [
  {
    words: 'deliveries list',
    summary: 'sign-outs that an application could not be told of',
    run: async (_, world) => {
      const items = await listAll(world, '/deliveries', 'before')
      const members = ['id', 'state', 'client', 'session', 'attempts', 'fault']
      return { data: items, text: columns(items.map((item) => members.map((name) => shown(item[name])))) }
    },
  },
  {
    words: 'deliveries retry',
    summary: 'send again what was given up: all of it, unless one is named',
    options: {
      delivery: { value: '17', says: 'this one only' },
      client: { value: 'records-app', says: 'this application’s only' },
    },
    run: async ({ options: { delivery, client } }, world) => {
      const data = await world.admin('POST', '/deliveries/retry', {
        ...(delivery !== undefined && { delivery: Number(delivery) }),
        ...(client !== undefined && { client }),
      })
      return { data, text: [`${shown(data['retried'])} will be sent again`] }
    },
  },
]
