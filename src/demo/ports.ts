/** Ports of this machine for the demonstration: the usual ones where they are free, any others where not. */

import { createServer } from 'node:net'

export const host = '127.0.0.1'
const usual = { garde: 4800, recordsApi: 4801, recordsApp: 4802 } as const

export type DemoPorts = Record<keyof typeof usual, number>

export async function findPorts(): Promise<DemoPorts> {
  const found = { ...usual } as DemoPorts
  for (const name of Object.keys(usual) as (keyof DemoPorts)[])
    found[name] = (await take(usual[name])) ?? (await take(0)) ?? usual[name]
  return found
}

/** The port that could be listened on, given back at once; undefined when somebody has it. */
const take = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen(port, host, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
