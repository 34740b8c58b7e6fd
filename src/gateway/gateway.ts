/**
 * The pipeline in front of every records API: route, authenticate, take a place in the log, decide, shape, forward,
 * settle. Neutral: it reads a small view of the request and answers whole, or with a passage for the adapter to stream.
 */

import { base64url, randomBytes } from '../core/bytes.ts'
import type { RequestId } from '../core/ids.ts'
import { chooseLanguage } from '../core/language.ts'
import { Refusal } from '../core/refusal.ts'
import { authenticate } from './authenticate.ts'
import { createAssertions } from './assertion.ts'
import { requireSignIn } from './decide.ts'
import { Call, type Parts } from './call.ts'
import { passFhir } from './fhir/fhir.ts'
import { readRequestHeaders, type RawHeaders, type RequestHeaders } from './headers.ts'
import { createOrigins, type Origin } from './origin.ts'
import { OpenPassages } from './open-passages.ts'
import type { Passage } from './passage.ts'
import { parseTarget } from './path.ts'
import { createPatientPractices } from './patients.ts'
import type { GatewayServices } from './ports.ts'
import type { RequestView } from './request-view.ts'
import { assertionKeysPath, findOnBase, findPublished, metadataPath, readableByAll } from './published.ts'
import { refuse, type Answer } from './refuse.ts'
import { recordRefusal } from './refused.ts'
import { passRest } from './rest.ts'
import { createRoutes, matchRoute, type Upstream } from './routes.ts'

export type Outcome = Answer | Passage

export interface Gateway {
  /** Is this address the gateway's? Asked before any other router. */
  owns(target: string): boolean
  handle(view: RequestView): Promise<Outcome>
  /** What the caller is told when a passage fails. Records it and ends the passage. */
  failed(passage: Passage, view: RequestView, error: unknown): Promise<Answer>
  /** Stops listening for restrictions. */
  close(): void
}

/** How far a request came; what a refusal can say depends on it. */
interface Stage {
  id: RequestId
  upstream: Upstream | undefined
  origin: Origin | undefined
  call: Call | undefined
}

export function createGateway(services: GatewayServices): Gateway {
  const assertions = createAssertions(services.keys, services.clock, services.issuer)
  const parts: Parts = {
    ...services,
    routes: createRoutes(services.resources),
    assertions,
    patients: createPatientPractices({ ...services, assertions }),
    open: new Map(),
  }
  const originOf = createOrigins(services.issuer, services.trustedProxies)
  const passages = new OpenPassages()
  const stopListening = services.restrictions.onChange(() => passages.judge())
  const nextId = requestIds()

  async function pass(view: RequestView, stage: Stage): Promise<Outcome> {
    const target = parseTarget(view.target)
    const { upstream } = stage
    if (!upstream) return published(view, target.path)
    const path = target.path.slice(upstream.base.length)
    const open =
      upstream.kind === 'fhir' ? findOnBase(services, upstream.resource, view.method, path) : undefined
    if (open) return open
    const headers = readRequestHeaders(view.headers, upstream.headers)
    stage.origin = originOf(view.remote, headers.forwardedFor)
    if (isAmbiguous(view.method, headers)) {
      view.distrust()
      throw new Refusal('ambiguous_framing')
    }
    const matched = upstream.kind === 'rest' ? matchRoute(upstream, view.method, path) : undefined
    const now = services.clock.now()
    const known = authenticate(services, headers, view, upstream.audience, now)
    const claims = known instanceof Promise ? await known : known
    const { id, origin } = stage
    const { method } = view
    const route = matched?.route.name ?? 'fhir'
    const call = new Call(parts, { id, at: now, origin, claims, upstream, method, route })
    stage.call = call
    call.requireRoom()
    requireSignIn(claims, matched?.route.signIn ?? upstream.resource.signIn, now)
    if (upstream.kind === 'rest')
      return matched
        ? passRest(call, upstream, matched, path, target.query, headers, passages)
        : Promise.reject(new Refusal('route_unlisted'))
    return passFhir(call, upstream, path, target.query, headers, view)
  }

  function published(view: RequestView, path: string): Answer {
    const answer = findPublished(services, view.method, path)
    if (!answer) throw new Refusal('not_found')
    return answer
  }

  async function refused(view: RequestView, stage: Stage, error: unknown): Promise<Answer> {
    const refusal = error instanceof Refusal ? error : undefined
    if (!refusal) return bug(stage, error)
    const said = await recorded(view, stage, refusal)
    const language = chooseLanguage(headerOf(view.headers, 'accept-language'))
    return refuse(said, {
      issuer: services.issuer,
      id: stage.id,
      language,
      upstream: stage.upstream,
      authorization: headerOf(view.headers, 'authorization'),
      nonce: () => services.proofs.nonce(services.clock.now()),
    })
  }

  /** What cannot be recorded is not answered as if it were. */
  async function recorded(view: RequestView, stage: Stage, refusal: Refusal): Promise<Refusal> {
    services.log('info', 'refused', { request: stage.id, reason: refusal.reason, detail: refusal.detail })
    if (!stage.call) {
      const network = (stage.origin ?? originOf(view.remote, undefined)).network
      services.strangers.count(network, refusal.reason, services.clock.now())
      return refusal
    }
    try {
      await recordRefusal(stage.call, refusal)
      return refusal
    } catch (error) {
      services.log('error', 'refusal not recorded', { request: stage.id, error: String(error) })
      return error instanceof Refusal ? error : new Refusal('audit_unavailable')
    }
  }

  function bug(stage: Stage, error: unknown): Answer {
    services.log('error', 'bug', {
      request: stage.id,
      error: error instanceof Error ? error.stack : String(error),
    })
    const headers = ['content-type', 'application/json', 'cache-control', 'no-store']
    return {
      kind: 'answer',
      status: 500,
      headers,
      body: JSON.stringify({ error: 'server_error', request: stage.id }),
    }
  }

  return {
    owns: (target) =>
      parts.routes.at(target) !== undefined ||
      target === assertionKeysPath ||
      services.resources.all().some(({ base }) => target === metadataPath(base)),
    async handle(view) {
      const stage: Stage = {
        id: nextId(),
        upstream: parts.routes.at(view.target),
        origin: undefined,
        call: undefined,
      }
      try {
        const outcome = await pass(view, stage)
        if (outcome.kind !== 'answer') return outcome
        stage.call?.close()
        return stage.upstream?.kind === 'fhir' ? readableByAll(outcome) : outcome
      } catch (error) {
        const answer = await refused(view, stage, error)
        stage.call?.close()
        return stage.upstream?.kind === 'fhir' ? readableByAll(answer) : answer
      }
    },
    async failed(passage, view, error) {
      const { call } = passage
      const stage: Stage = { id: call.id, upstream: call.upstream, origin: call.origin, call }
      try {
        return await refused(view, stage, error)
      } finally {
        passage.close()
      }
    },
    close: stopListening,
  }
}

/** A body where none can be, or one whose end is a matter of opinion, desynchronises the connection. */
function isAmbiguous(method: string, { contentLength, transferEncoding }: RequestHeaders): boolean {
  const both = contentLength !== undefined && transferEncoding !== undefined
  const coded = transferEncoding !== undefined && transferEncoding.toLowerCase() !== 'chunked'
  const length = contentLength !== undefined && !/^\d{1,15}$/.test(contentLength)
  const unexpected =
    (method === 'GET' || method === 'HEAD') &&
    (transferEncoding !== undefined || (contentLength !== undefined && contentLength !== '0'))
  return both || coded || length || unexpected
}

function headerOf(raw: RawHeaders, wanted: string): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) if (raw[i]?.toLowerCase() === wanted) return raw[i + 1]
  return undefined
}

/** Unique, not secret: a random start and a count, because minting 128 random bits each time would cost 2 µs. */
function requestIds(): () => RequestId {
  const start = base64url(randomBytes(9))
  let count = 0
  return () => `req_${start}${(++count).toString(36)}` as RequestId
}
