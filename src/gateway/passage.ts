/**
 * A call that was let through and streams, both ways. The adapter moves the bytes; the passage says when the first may
 * leave (`answered` resolved: recorded, durably, and still allowed) and when the rest may not (`onCut`).
 */

import { Refusal } from '../core/refusal.ts'
import type { RestrictionId } from '../core/ids.ts'
import type { AccessBody, Call } from './call.ts'
import { isSafe } from './decide.ts'
import { shapeAnswerHeaders, type UpstreamHeaders } from './headers.ts'
import type { OpenPassages } from './open-passages.ts'
import type { UpstreamCall } from './ports.ts'

export class Passage {
  readonly kind = 'passage'
  readonly call: Call
  readonly upstreamCall: UpstreamCall
  /** The caller's body goes along as it comes. */
  readonly streamsBody: boolean
  readonly #patient: string | undefined
  readonly #open: OpenPassages
  #started = false
  /** Among the open ones; negative when it is none. Theirs to set. */
  place = -1
  /** Set by the adapter: stop everything, now. */
  onCut: (() => void) | undefined

  constructor(
    call: Call,
    upstreamCall: UpstreamCall,
    patient: string | undefined,
    streamsBody: boolean,
    open: OpenPassages,
  ) {
    this.call = call
    this.upstreamCall = upstreamCall
    this.streamsBody = streamsBody
    this.#patient = patient
    this.#open = open
    open.add(this)
  }

  /**
   * MUST resolve before the first byte leaves. Answers the headers to send. Refuses `answer_uninspectable` (the upstream
   * will not take our word), `audit_unavailable`, and what restrictions refuse by now.
   */
  async answered(status: number, headers: UpstreamHeaders): Promise<string[]> {
    // 401 there means our assertion, not the caller's token.
    if (status === 401 || status === 407 || status < 200)
      throw new Refusal('answer_uninspectable', { status })
    const { call } = this
    await call.append(this.#entries(status), this.#patient === undefined ? [] : [this.#patient])
    call.allowed(isSafe(call.method))
    this.#started = true
    const { upstream, id } = call
    const shaped = shapeAnswerHeaders(headers, upstream.headers, (location) => this.#publicLocation(location))
    shaped.push('x-request-id', id)
    return shaped
  }

  #entries(status: number): AccessBody[] {
    const patient = this.#patient === undefined ? undefined : this.call.pseudonym(this.#patient)
    const entries: AccessBody[] = []
    const safe = isSafe(this.call.method)
    if (!safe) entries.push({ kind: 'access.settled', status, ...(patient !== undefined && { patient }) })
    if (patient !== undefined && status < 400 && (safe || status !== 204))
      entries.push({
        kind: 'access.served',
        patient,
        access: 'opened',
        types: { [this.call.route]: 1 },
        status,
      })
    else if (safe) entries.push({ kind: 'access.answered', status })
    return entries
  }

  #publicLocation(location: string): string | undefined {
    const { upstream, parts } = this.call
    const local = location.startsWith(`${upstream.upstream}/`)
      ? location.slice(upstream.upstream.length)
      : upstream.prefix === '' || location.startsWith(`${upstream.prefix}/`)
        ? location.slice(upstream.prefix.length)
        : ''
    return local.startsWith('/') && !local.startsWith('//')
      ? `${parts.issuer}${upstream.base}${local}`
      : undefined
  }

  /**
   * After the snapshot was swapped: stops what is not allowed any more, and says so in the log. What has not begun to
   * answer is judged in `answered`, where it can still be told why.
   */
  judge(): void {
    if (!this.#started && !this.streamsBody) return
    try {
      this.call.allowed(isSafe(this.call.method))
    } catch (error) {
      this.#cut(error instanceof Refusal ? error : undefined)
    }
  }

  #cut(refusal: Refusal | undefined): void {
    this.#open.delete(this)
    this.onCut?.()
    const by = refusal?.detail['by']
    const { call } = this
    call
      .append([{ kind: 'access.cut', ...(typeof by === 'string' && { by: by as RestrictionId }) }], [])
      .catch((error: unknown) =>
        call.parts.log('error', 'cut not recorded', { request: call.id, error: String(error) }),
      )
      .finally(() => call.close())
  }

  /** Over, one way or another. */
  close(): void {
    if (!this.#open.delete(this)) return
    this.call.close()
  }
}
