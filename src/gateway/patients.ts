/**
 * Which practices a patient is of: one port. This adapter asks the upstream, in the gateway's own name, and remembers the
 * answer for a minute; ownership cannot be changed through the gateway, so what is remembered ages only by changes made
 * behind it.
 */

import type { RequestId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Clock, Seconds } from '../core/time.ts'
import { assertionHeader, type Assertions } from './assertion.ts'
import { parseExact } from './exact-json.ts'
import { organizationsOf } from './fhir/references.ts'
import { namesAt, valueAt } from './pointer.ts'
import type { Forwarder, UpstreamAnswer } from './ports.ts'
import type { Upstream } from './routes.ts'

/** Records names of practices; empty when the patient is unknown or of nobody, and then nothing of them is served. */
export type Practices = readonly string[]

export interface PatientPractices {
  /** Memory only. `patient` as the API refers to them: `Patient/p1` for `fhir`, the path parameter for `rest`. */
  known(upstream: Upstream, patient: string): Practices | undefined
  /** Refuses as the forwarder does, and `answer_uninspectable`. */
  ask(upstream: Upstream, patient: string, request: RequestId): Promise<Practices>
  /** What an answer of the upstream just said. */
  learn(upstream: Upstream, patient: string, practices: Practices): void
}

const livesSeconds = 60
const rememberedHalf = 50_000
const answerLimit = 1024 * 1024

interface Lent {
  forwarder: Forwarder
  assertions: Assertions
  clock: Clock
  patientMemory?: PatientMemory
}

interface Remembered {
  practices: Practices
  until: Seconds
}

/** What look-ups said, in two generations. */
export interface PatientMemory {
  young: Map<string, Remembered>
  old: Map<string, Remembered>
}

export const createPatientMemory = (): PatientMemory => ({ young: new Map(), old: new Map() })

export function createPatientPractices(lent: Lent): PatientPractices {
  const { forwarder, assertions, clock, patientMemory: memory = createPatientMemory() } = lent
  const asking = new Map<string, Promise<Practices>>()
  const keyOf = (upstream: Upstream, patient: string) => `${upstream.name} ${patient}`

  function learn(upstream: Upstream, patient: string, practices: Practices): void {
    if (memory.young.size >= rememberedHalf) {
      memory.old = memory.young
      memory.young = new Map()
    }
    memory.young.set(keyOf(upstream, patient), { practices, until: clock.now() + livesSeconds })
  }

  async function askOnce(upstream: Upstream, patient: string, request: RequestId): Promise<Practices> {
    const path = `${upstream.prefix}${lookupPath(upstream, patient)}`
    const bound = { method: 'GET', url: `${upstream.origin}${path}` }
    const assertion = await assertions.forGateway(upstream.upstream, bound)
    const headers = [
      assertionHeader,
      assertion,
      'accept',
      upstream.kind === 'fhir' ? 'application/fhir+json' : 'application/json',
      'accept-encoding',
      'identity',
      'x-request-id',
      request,
    ]
    const answer = await forwarder.call(
      { method: 'GET', origin: upstream.origin, path, headers },
      answerLimit,
    )
    const practices = practicesIn(upstream, patient, answer)
    // A patient nobody knows may be registered in a moment: only a positive answer is remembered.
    if (practices.length > 0) learn(upstream, patient, practices)
    return practices
  }

  return {
    known(upstream, patient) {
      const key = keyOf(upstream, patient)
      const entry = memory.young.get(key) ?? memory.old.get(key)
      return entry && entry.until > clock.now() ? entry.practices : undefined
    },
    learn,
    ask(upstream, patient, request) {
      const key = keyOf(upstream, patient)
      const running = asking.get(key)
      if (running) return running
      const asked = askOnce(upstream, patient, request).finally(() => asking.delete(key))
      asking.set(key, asked)
      return asked
    },
  }
}

const lookupPath = (upstream: Upstream, patient: string): string =>
  upstream.kind === 'fhir'
    ? `/${patient}`
    : upstream.resource.lookup.path.replaceAll(':patient', () => patient)

function practicesIn(upstream: Upstream, patient: string, answer: UpstreamAnswer): Practices {
  if (answer.status === 404 || answer.status === 410) return []
  if (answer.status !== 200) throw new Refusal('answer_uninspectable', { lookup: answer.status })
  const document = readAnswer(answer)
  if (upstream.kind === 'rest') return namesAt(document, upstream.resource.lookup.practice)
  if (
    valueAt(document, '/resourceType') !== 'Patient' ||
    `Patient/${String(valueAt(document, '/id'))}` !== patient
  )
    throw new Refusal('answer_uninspectable', { lookup: 'another resource' })
  return organizationsOf(document, [upstream.upstream])
}

/** JSON, whole and not compressed. Refuses `answer_uninspectable`. */
export function readAnswer({ headers, body }: UpstreamAnswer): unknown {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new Refusal('answer_uninspectable', { fault: 'content-encoding' })
  if (!isJson(headers['content-type'])) throw new Refusal('answer_uninspectable', { fault: 'content-type' })
  try {
    return parseExact(body)
  } catch {
    throw new Refusal('answer_uninspectable', { fault: 'JSON' })
  }
}

export const isJson = (contentType: string | undefined): boolean =>
  /^application\/(?:json|[a-z0-9.-]+\+json)\s*(?:;\s*charset="?utf-8"?\s*|;\s*fhirVersion=[\d.]+\s*)*$/i.test(
    contentType ?? '',
  )
