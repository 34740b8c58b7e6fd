/** The admin API through the front door: every answer is held against its shape, every refusal against its row. */

import { expect } from 'vitest'
import { createApp } from '../../src/app.ts'
import { problem } from '../../src/admin/shapes.ts'
import { reasonsOf, type AdminRoute } from '../../src/admin/route.ts'
import { adminTable } from '../../src/admin/table.ts'
import type { OperatorId } from '../../src/core/ids.ts'
import type { Reason } from '../../src/core/refusal.ts'
import { mintAdminToken } from '../../src/operators/admin-token-store.ts'
import { enrolOperator, signIn } from './operators.ts'
import { testServices, type TestServices } from './services.ts'

/** How somebody proves who calls: headers. */
export type Proof = Record<string, string>

export interface Asked {
  as?: Proof
  /** Path parameters by name. */
  at?: Record<string, string>
  query?: string
  body?: unknown
  /** The body as it stands, and what it is said to be. */
  raw?: string
  type?: string
}

export interface Told {
  status: number
  body: Record<string, unknown>
  reason?: Reason
}

export interface AdminWorld {
  services: TestServices
  operator: OperatorId
  token: Proof
  /** Every refusal seen: `operation reason`. */
  provoked: Set<string>
  call(operation: string, asked?: Asked): Promise<Told>
  /** A console session whose passkey was used just now. */
  freshSession(who?: OperatorId): Promise<Proof>
  tokenOf(who: OperatorId): Promise<Proof>
}

export const rowOf = (operation: string): AdminRoute => {
  const row = adminTable.find((each) => each.operation === operation)
  if (!row) throw new Error(`no operation ${operation}`)
  return row
}

export const cookieProof = (cookie: string): Proof => ({
  cookie: `__Host-garde-session=${cookie}`,
  'sec-fetch-site': 'same-origin',
})

export async function adminWorld(overrides: Partial<TestServices> = {}): Promise<AdminWorld> {
  const services = await testServices(overrides)
  const app = createApp(services)
  const operator = await enrolOperator(services)
  const tokenOf = async (who: OperatorId): Promise<Proof> => {
    const { token } = await mintAdminToken(services, who, 86_400, { kind: 'system', id: 'test' })
    return { authorization: `Bearer ${token}` }
  }
  const token = await tokenOf(operator)
  const provoked = new Set<string>()
  return {
    services,
    operator,
    token,
    provoked,
    tokenOf,
    freshSession: async (who = operator) => cookieProof((await signIn(services, who)).cookie),
    call: async (
      operation,
      { as = token, at = {}, query = '', body, raw, type = 'application/json' } = {},
    ) => {
      const row = rowOf(operation)
      const path = row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => at[name] ?? 'missing')
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const answer = await app.request(
        `/admin/v1${path}${query}`,
        {
          method: row.method.toUpperCase(),
          headers: { ...as, ...(sent !== undefined && { 'content-type': type }) },
          ...(sent !== undefined && { body: sent }),
        },
        { remote: '192.0.2.7' },
      )
      const told = (await answer.json()) as Told['body']
      const status = answer.status
      const shape = row.answers[status as 200]
      if (shape) return { status, body: shape.parse(told) as Told['body'] }
      problem.parse(told)
      const { reason } = services.lines.findLast(({ message }) => message === 'refused')?.fields ?? {}
      expect(reasonsOf(row), `${operation} may be refused for ${String(reason)}`).toContain(reason)
      provoked.add(`${operation} ${String(reason)}`)
      return { status, body: told, reason: reason as Reason }
    },
  }
}
