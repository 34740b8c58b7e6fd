/**
 * A protected API: an audience, a public base path, an upstream, a policy. Deny by default: for `rest`, only listed
 * routes exist; for `fhir`, the gateway's interaction table says what is understood.
 */

import { z } from 'zod'

const base = z.string().regex(/^\/[a-z0-9]([a-z0-9/-]*[a-z0-9])?$/, 'expected a path such as /records')
const upstream = z
  .url({ protocol: /^https?$/ })
  .refine((value) => !value.endsWith('/') && !value.includes('?'), 'no trailing slash or query')
const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

/** Where a route's patient is found; `none` must be said. JSON pointers: RFC 6901. */
const patientSource = z.union([
  z.strictObject({ from: z.literal('path'), parameter: z.string() }),
  z.strictObject({ from: z.literal('answer'), pointer: z.string().startsWith('/') }),
  z.literal('none'),
])

export const restRoute = z.strictObject({
  name,
  methods: z.array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])).min(1),
  /** `/patients/:patient/notes`: literal segments and `:parameters`. */
  path: z.string().regex(/^(\/(:[a-z]+|[A-Za-z0-9._~$-]+))+$/),
  /** All of these scopes are required. */
  scopes: z.array(z.string()).default([]),
  patient: patientSource,
  /** One signature per token and upstream (reused while it lives), or one per request bound to method and path. */
  assertion: z.enum(['token', 'request']).default('token'),
})

const common = {
  name,
  /** RFC 8707 resource indicator and the `aud` of its tokens. */
  audience: z.url(),
  base,
  upstream,
}

export const fhirResource = z.strictObject({
  ...common,
  kind: z.literal('fhir'),
  /** Resource types about nobody: served to any token of any practice. */
  patientFree: z
    .array(z.string().regex(/^[A-Z][A-Za-z]+$/))
    .default([
      'Organization',
      'Practitioner',
      'PractitionerRole',
      'Location',
      'Medication',
      'Questionnaire',
      'ValueSet',
      'CodeSystem',
    ]),
  assertion: z.enum(['token', 'request']).default('token'),
})

export const restResource = z.strictObject({
  ...common,
  kind: z.literal('rest'),
  routes: z.array(restRoute).min(1),
  /** Which practice a patient is of: asked of the upstream, cached. `path` holds `:patient`; `practice` is a pointer. */
  lookup: z.strictObject({ path: z.string().includes(':patient'), practice: z.string().startsWith('/') }),
})

export const resourceShape = z.discriminatedUnion('kind', [fhirResource, restResource])
export type Resource = z.output<typeof resourceShape>
export type FhirResource = z.output<typeof fhirResource>
export type RestResource = z.output<typeof restResource>
export type RestRoute = z.output<typeof restRoute>

/** The resources in force; swapped whole when one is saved. */
export interface ResourceTable {
  all(): readonly Resource[]
  findByAudience(audience: string): Resource | undefined
}
