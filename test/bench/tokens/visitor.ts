/** A browser as far as these flows need one: cookies, and where an answer sends it next. */

import { headerOf, requestOf, type Answer, type Wire } from './wire.ts'

export class Visitor {
  readonly #wire: Wire
  readonly #jar = new Map<string, string>()
  readonly #headers: Record<string, string>

  constructor(wire: Wire, headers: Record<string, string>) {
    this.#wire = wire
    this.#headers = headers
  }

  async get(path: string): Promise<Answer> {
    return this.#ask(path, { headers: { Accept: 'text/html' } })
  }

  async form(path: string, form: Record<string, string>): Promise<Answer> {
    return this.#ask(path, { form, headers: { Accept: 'text/html' } })
  }

  async json<T>(path: string, body: unknown): Promise<T> {
    const answer = await this.#ask(path, { json: body, headers: { Accept: 'application/json' } })
    if (answer.status !== 200) throw unexpected(path, answer)
    return JSON.parse(answer.body) as T
  }

  async #ask(path: string, request: Parameters<typeof requestOf>[1]): Promise<Answer> {
    const cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...this.#headers, ...(cookie && { Cookie: cookie }), ...request.headers }
    const answer = await this.#wire.ask(requestOf(path, { ...request, headers }))
    for (const [, name = '', value = ''] of answer.head.matchAll(/\r\nset-cookie: ([^=]+)=([^;\r]*)/gi)) {
      if (value === '') this.#jar.delete(name)
      else this.#jar.set(name, value)
    }
    return answer
  }
}

/** By `Location`, or by the page that moves on by itself. */
export function nextAddress(answer: Answer): string {
  const to = headerOf(answer.head, 'location') ?? headerOf(answer.head, 'refresh')?.split('url=')[1]
  if (to === undefined) throw unexpected('a redirect', answer)
  return to
}

/** Path and query: what goes into the request line. */
export function nextPath(answer: Answer): string {
  const { pathname, search } = new URL(nextAddress(answer), 'http://localhost')
  return pathname + search
}

export const unexpected = (what: string, { status, head, body }: Answer): Error =>
  new Error(`${what}: ${status} ${body.slice(0, 300) || head}`)
