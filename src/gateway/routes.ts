/** The resources in force, compiled once per change: base path → resource, and for `rest` method and path → route. */

import { Refusal } from '../core/refusal.ts'
import type { FhirResource, Resource, ResourceTable, RestResource, RestRoute } from '../resources/resource.ts'

interface Common {
  name: string
  audience: string
  /** `/fhir` */
  base: string
  /** Scheme, host and port. */
  origin: string
  /** Path before what follows the base; empty or `/x`. */
  prefix: string
  /** As configured: origin and prefix. The audience of assertions. */
  upstream: string
  headers: ReadonlySet<string>
}
export interface FhirUpstream extends Common {
  kind: 'fhir'
  resource: FhirResource
  patientFree: ReadonlySet<string>
  paging: ReadonlySet<string>
}
export interface RestUpstream extends Common {
  kind: 'rest'
  resource: RestResource
  root: Node
}
export type Upstream = FhirUpstream | RestUpstream

export interface RouteMatch {
  route: RestRoute
  parameters: Record<string, string>
}

interface Node {
  literal: Map<string, Node>
  parameter?: Node
  /** By method; the parameter names are the route's own. */
  routes: Map<string, { route: RestRoute; names: string[] }>
}

export interface Routes {
  /** The resource whose base the path is at or under; undefined: not the gateway's. */
  at(path: string): Upstream | undefined
}

export function createRoutes(table: ResourceTable): Routes {
  let compiledFrom: readonly Resource[] = []
  let upstreams: Upstream[] = []
  return {
    at(path) {
      const all = table.all()
      if (all !== compiledFrom) {
        upstreams = all.map(compile).toSorted((a, b) => b.base.length - a.base.length)
        compiledFrom = all
      }
      for (const upstream of upstreams) if (isUnder(path, upstream.base)) return upstream
      return undefined
    },
  }
}

const isUnder = (path: string, base: string): boolean =>
  path.startsWith(base) && (path.length === base.length || '/?'.includes(path.charAt(base.length)))

export function compile(resource: Resource): Upstream {
  const { origin, pathname } = new URL(resource.upstream)
  const common = {
    name: resource.name,
    audience: resource.audience,
    base: resource.base,
    origin,
    prefix: pathname === '/' ? '' : pathname,
    upstream: resource.upstream,
    headers: new Set(resource.headers),
  }
  if (resource.kind === 'rest')
    return { ...common, kind: 'rest', resource, root: compileRoutes(resource.routes) }
  return {
    ...common,
    kind: 'fhir',
    resource,
    patientFree: new Set(resource.patientFree),
    paging: new Set(resource.paging),
  }
}

function compileRoutes(routes: readonly RestRoute[]): Node {
  const root = emptyNode()
  for (const route of routes) {
    let node = root
    const names: string[] = []
    for (const segment of route.path.slice(1).split('/')) {
      if (segment.startsWith(':')) names.push(segment.slice(1))
      node = segment.startsWith(':') ? (node.parameter ??= emptyNode()) : literalNode(node, segment)
    }
    for (const method of route.methods) node.routes.set(method, { route, names })
  }
  return root
}

const emptyNode = (): Node => ({ literal: new Map(), routes: new Map() })

function literalNode(node: Node, segment: string): Node {
  const next = node.literal.get(segment) ?? emptyNode()
  node.literal.set(segment, next)
  return next
}

/** `path` follows the base: `/patients/p1`. Refuses `route_unlisted`, `method_not_allowed`. */
export function matchRoute(upstream: RestUpstream, method: string, path: string): RouteMatch {
  let node = upstream.root
  const values: string[] = []
  let start = 1
  while (start <= path.length) {
    let end = path.indexOf('/', start)
    if (end < 0) end = path.length
    const segment = path.slice(start, end)
    const literal = node.literal.get(segment)
    if (!literal && node.parameter) values.push(segment)
    const next = literal ?? node.parameter
    if (!next) throw new Refusal('route_unlisted')
    node = next
    start = end + 1
  }
  const found = node.routes.get(method)
  if (found) return { route: found.route, parameters: named(found.names, values) }
  throw node.routes.size > 0
    ? new Refusal('method_not_allowed', { allow: [...node.routes.keys()].join(', ') })
    : new Refusal('route_unlisted')
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (let i = 0; i < names.length; i++) parameters[names[i] as string] = values[i] ?? ''
  return parameters
}
