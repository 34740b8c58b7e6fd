/** What the authorization server may ask of a records API: through the gateway, with a token, as anybody else. */

export interface RecordsQuestion {
  /** Path and query, from the resource's base on: `/fhir/Patient/p1`. */
  target: string
  accessToken: string
  /** The asking browser's peer address and its `X-Forwarded-For`, for the log: it is they who ask. */
  remote: string
  forwardedFor: string | undefined
}

export interface RecordsAnswer {
  status: number
  /** Undefined where the answer is no JSON. */
  document: unknown
}

/** What is asked here MUST be decided, counted and recorded as every other call is. */
export interface Records {
  /** Refuses `state_unavailable` where no gateway stands beside. */
  ask(question: RecordsQuestion): Promise<RecordsAnswer>
}
