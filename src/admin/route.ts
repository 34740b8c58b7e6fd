/** A row of the admin API: what runs and what its document says, in one place. Who may do it how: `authority.ts`. */

import type { z } from 'zod'
import type { Actor, EventHead } from '../audit/event.ts'
import type { Protocol } from '../clients/protocol.ts'
import type { Language } from '../core/language.ts'
import type { Id, IdKind, OperatorId } from '../core/ids.ts'
import type { Reason } from '../core/refusal.ts'
import type { Loosening } from '../operators/loosening.ts'
import type { Session } from '../people/session.ts'
import type { Services } from '../services.ts'
import { authority, mayLoosen, type Needs, type Operation } from './authority.ts'
import { approval } from './shapes.ts'

export const tags = [
  'restrictions',
  'readings',
  'practices',
  'people',
  'operators',
  'clients',
  'resources',
] as const
export type Tag = (typeof tags)[number]

/** Who calls: an operator, by token or by the console's session. */
export interface Caller {
  operator: OperatorId
  actor: Actor
  /** Absent with a token. */
  session?: Session
}

export interface Call<Query = unknown, Body = unknown> extends Caller {
  services: Services
  protocol: Protocol
  language: Language
  /** For audit events: time, request, network, actor. */
  head: EventHead
  query: Query
  body: Body
  /** A path parameter, which is named as its kind. Refuses `malformed_id`. */
  id<Kind extends IdKind>(kind: Kind): Id<Kind>
}

export interface Answer {
  status: 200 | 201 | 202
  body: unknown
}

interface Described {
  method: 'get' | 'post' | 'patch' | 'put'
  /** Under /admin/v1; path parameters in braces, named by their kind of id. */
  path: string
  operation: Operation
  tag: Tag
  summary: { fr: string; en: string }
  answers: Partial<Record<Answer['status'], z.ZodType>>
  /** Beyond what every call of its kind may be refused for. */
  refusals: readonly Reason[]
}

interface Typed<Query extends z.ZodType, Body extends z.ZodType> extends Described {
  query?: Query
  body?: Body
  /** The act a person has to do, if this call asks for one; asked before `handle`. */
  loosens?(call: Call<z.output<Query>, z.output<Body>>): MaybeLater<Loosening | undefined>
  /** Absent where every call loosens. */
  handle?(call: Call<z.output<Query>, z.output<Body>>): Promise<Answer>
}

type MaybeLater<T> = T | Promise<T>

export interface AdminRoute extends Described {
  query?: z.ZodType
  body?: z.ZodType
  needs: Needs
  loosens?(call: Call): MaybeLater<Loosening | undefined>
  handle?(call: Call): Promise<Answer>
}

/** Knows the types of query and body inside, forgets them outside; the table of authority decides the rest. */
export const route = <Query extends z.ZodType, Body extends z.ZodType>(
  row: Typed<Query, Body>,
): AdminRoute => ({
  ...row,
  needs: authority[row.operation].needs,
  ...(mayLoosen(authority[row.operation]) && { answers: { ...row.answers, 202: approval } }),
})

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })

const ofEvery: readonly Reason[] = [
  'session_required',
  'admin_token_invalid',
  'operator_required',
  'slowed',
  'restricted',
  'step_up_required',
  'session_ended',
]
const ofWrites: readonly Reason[] = ['cross_site', 'read_only']
const ofBodies: readonly Reason[] = ['malformed_request', 'unsupported_media_type', 'too_large']

/** Every reason for which this call may be refused; the document and its test read it. */
export function reasonsOf({ method, path, needs, query, body, answers, refusals }: AdminRoute): Reason[] {
  return [
    ...new Set<Reason>([
      ...ofEvery,
      ...(needs === 'read' ? [] : ofWrites),
      ...(answers[202] ? (['too_many_open'] as const) : []),
      ...(method === 'get' ? [] : body ? ofBodies : []),
      ...(query ? (['malformed_request', 'repeated_parameter'] as const) : []),
      ...(/\{(?!name)/.test(path) ? (['malformed_id'] as const) : []),
      ...refusals,
    ]),
  ]
}
