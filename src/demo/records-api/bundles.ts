/** Batch: each entry for itself. Transaction: all or nothing, with `urn:uuid` names resolved (FHIR R4 http §3.1.0.11). */

import { asFault, Fault, outcome, type Bundle, type BundleEntry, type Resource } from './fhir.ts'
import { interact, type Answer, type Call } from './interactions.ts'
import { renameReferences } from './references.ts'
import type { SearchContext } from './search.ts'

const largestBundle = 1000

export function processBundle(context: SearchContext, body: unknown): Bundle {
  const bundle = body as Partial<Bundle> | undefined
  if (bundle?.resourceType !== 'Bundle' || (bundle.type !== 'batch' && bundle.type !== 'transaction'))
    throw new Fault(400, 'invalid', 'expected a Bundle of type batch or transaction')
  const entries = bundle.entry ?? []
  if (entries.length > largestBundle) throw new Fault(413, 'too-long', `at most ${largestBundle} entries`)
  const entry = bundle.type === 'batch' ? batch(context, entries) : transaction(context, entries)
  return { resourceType: 'Bundle', type: `${bundle.type}-response`, entry }
}

const batch = (context: SearchContext, entries: BundleEntry[]): BundleEntry[] =>
  entries.map((entry) => {
    try {
      return described(interact(context, callOf(entry)))
    } catch (error) {
      const fault = asFault(error)
      return { response: { status: String(fault.status), outcome: outcome(fault) } }
    }
  })

/** The order the standard sets: deletes, creates, updates, reads; answered in the order asked. */
const phases = ['DELETE', 'POST', 'PUT', 'GET', 'HEAD']

function transaction(context: SearchContext, entries: BundleEntry[]): BundleEntry[] {
  return context.store.atomically(() => {
    const names = new Map<string, string>()
    const answers = new Map<BundleEntry, BundleEntry>()
    const created: Resource[] = []
    for (const phase of phases)
      for (const entry of entries.filter(({ request }) => request?.method === phase)) {
        const answer = interact(context, callOf(renamed(entry, names)))
        if (entry.fullUrl?.startsWith('urn:uuid:') && answer.body)
          names.set(entry.fullUrl, `${answer.body.resourceType}/${answer.body.id}`)
        if (answer.body && phase !== 'GET') created.push(answer.body)
        answers.set(entry, described(answer))
      }
    // A create may name one that comes later: once all names are known, write those again that still hold one.
    for (const resource of created) settle(context, resource, names)
    return entries.map((entry) => answers.get(entry) ?? unspoken())
  })
}

const renamed = (entry: BundleEntry, names: ReadonlyMap<string, string>): BundleEntry => ({
  ...entry,
  ...(entry.resource && { resource: renameReferences(entry.resource, names) }),
})

function settle({ store }: SearchContext, resource: Resource, names: ReadonlyMap<string, string>): void {
  if (resource.id === undefined) return
  const current = store.find(resource.resourceType, resource.id)
  if (!current || JSON.stringify(renameReferences(current, names)) === JSON.stringify(current)) return
  store.put({ ...renameReferences(current, names), id: resource.id })
}

const unspoken = (): never => {
  throw new Fault(400, 'not-supported', 'an entry asks for a method that is not spoken here')
}

function callOf(entry: BundleEntry): Call {
  const { method, url, ifMatch } = entry.request ?? {}
  if (typeof method !== 'string' || typeof url !== 'string')
    throw new Fault(400, 'required', 'each entry needs request.method and request.url')
  const [path = '', query = ''] = url.split('?', 2)
  return {
    method,
    path,
    query: new URLSearchParams(query),
    body: entry.resource,
    ...(ifMatch !== undefined && { ifMatch }),
  }
}

const described = (answer: Answer): BundleEntry => ({
  ...(answer.body && { resource: answer.body }),
  response: {
    status: String(answer.status),
    ...(answer.location !== undefined && { location: answer.location }),
    ...(answer.etag !== undefined && { etag: answer.etag }),
    ...(answer.lastModified !== undefined && { lastModified: answer.lastModified }),
  },
})
