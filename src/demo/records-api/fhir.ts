/** FHIR R4 as far as this demonstration speaks it: resources, bundles, faults as OperationOutcome. */

export interface Resource {
  resourceType: string
  id?: string
  meta?: { versionId?: string; lastUpdated?: string; [name: string]: unknown }
  [name: string]: unknown
}

/** As the store keeps it: it has an id and a version. */
export interface Stored extends Resource {
  id: string
  meta: { versionId: string; lastUpdated: string; [name: string]: unknown }
}

export interface BundleEntry {
  fullUrl?: string
  resource?: Resource
  search?: { mode: 'match' | 'include' }
  request?: { method: string; url: string; ifMatch?: string }
  response?: { status: string; location?: string; etag?: string; lastModified?: string; outcome?: Resource }
}

export interface Bundle extends Resource {
  resourceType: 'Bundle'
  type: string
  total?: number
  link?: { relation: string; url: string }[]
  entry?: BundleEntry[]
}

/** FHIR's IssueType, the few used here. */
type IssueCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'not-found'
  | 'deleted'
  | 'not-supported'
  | 'conflict'
  | 'login'
  | 'too-long'
  | 'exception'

/** Thrown anywhere inside; answered as an OperationOutcome. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly status: number
  readonly code: IssueCode
  constructor(status: number, code: IssueCode, diagnostics: string) {
    super(diagnostics)
    this.status = status
    this.code = code
  }
}

export const outcome = (fault: Fault): Resource => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: fault.code, diagnostics: fault.message }],
})

/** Anything that is not a Fault is a bug of this server: no stack goes out. */
export const asFault = (error: unknown): Fault =>
  error instanceof Fault ? error : new Fault(500, 'exception', 'the records API met a fault of its own')

export const etag = (stored: Stored): string => `W/"${stored.meta.versionId}"`

/** FHIR's id: 1 to 64 of letters, digits, `-` and `.`. */
export const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value)
