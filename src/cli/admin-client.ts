/** Calls the admin API: where the server says it is, with GARDE_TOKEN or a short token made over the control socket. */

import { minutes } from '../core/time.ts'
import { CliFault, shown, type World } from './command.ts'

export type AdminCall = World['admin']

/** Asked once, when a command needs it. */
export function adminClient(environment: World['environment'], control: World['control']): AdminCall {
  let known: Promise<{ origin: string; token: string }> | undefined
  const access = async () => ({
    origin: remoteOrigin(environment['GARDE_URL']) ?? (await localOrigin(control)),
    token:
      environment['GARDE_TOKEN'] ??
      shown((await control('admin-token', { ttlSeconds: minutes(1) }))['token']),
  })
  return async (method, path, body) => {
    const { origin, token } = await (known ??= access())
    return call(origin, token, method, path, body)
  }
}

/** Over plain http the token would be everybody's. */
function remoteOrigin(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const url = URL.canParse(address) ? new URL(address) : undefined
  const loopback = url && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return url.origin
  throw new CliFault('GARDE_URL must be https, or http on loopback.', 2)
}

async function localOrigin(control: World['control']): Promise<string> {
  const { address } = (await control('status')) as { address: { host: string; port: number } }
  const everyAddress: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }
  const host = everyAddress[address.host] ?? (address.host.includes(':') ? `[${address.host}]` : address.host)
  return `http://${host}:${address.port}`
}

async function call(
  origin: string,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const headers = {
    Authorization: `Bearer ${token}`,
    Accept: 'application/json',
    'Accept-Language': 'en',
    ...(body && { 'Content-Type': 'application/json' }),
  }
  const response = await fetch(`${origin}/admin/v1${path}`, {
    method,
    headers,
    redirect: 'error',
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new CliFault(`${origin} does not answer: start Garde, or correct GARDE_URL.`)
  })
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  if (response.ok) return answer
  throw new CliFault(refusal(answer, response.status))
}

/** The public text, the fields at fault, and the request to look up in the log. */
function refusal({ title, request, faults }: Record<string, unknown>, status: number): string {
  const list = Array.isArray(faults) ? faults.map((fault) => `\n  - ${shown(fault)}`).join('') : ''
  const where = request === undefined ? `${status}` : `${status}, ${shown(request)}`
  return `${title === undefined ? 'The server refused.' : shown(title)} (${where})${list}`
}
