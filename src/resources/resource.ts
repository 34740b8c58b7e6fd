/**
 * A protected API: an audience, a public base path, an upstream, a policy. Deny by default: for `rest`, only listed
 * routes exist; for `fhir`, the gateway's interaction table says what is understood.
 */

import { z } from 'zod'
import { acrReached } from '../tokens/claims.ts'

const base = z.string().regex(/^\/[a-z0-9]([a-z0-9/-]*[a-z0-9])?$/, 'expected a path such as /records')
const upstream = z
  .url({ protocol: /^https?$/ })
  .refine((value) => !value.endsWith('/') && !value.includes('?'), 'no trailing slash or query')
const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

/**
 * Further header names that pass, both ways. Never one that says who is calling, by which hop, or in which form: those
 * are the gateway's to say. Names with `_` or `.` are read as `-` by some servers and cannot be listed.
 */
const headerName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/)
  .refine(
    (value) =>
      !/^(authorization|proxy-|cookie|set-cookie|forwarded|x-forwarded|x-real-ip|garde-|host$|connection|keep-alive|te$|trailer|transfer-encoding|upgrade|content-|expect|accept-encoding|if-none-exist|access-control-|location|strict-transport|link$|x-total-count|x-http-method|remote-|x-remote|x-user|x-auth|x-client|x-ssl|x-amzn|x-ms-|x-consumer|x-original-|x-rewrite-)/.test(
        value,
      ),
    'this header is the gateway’s to set',
  )

/** Where a route's patient is found; `none` must be said. JSON pointers: RFC 6901. */
const patientSource = z.union([
  z.strictObject({ from: z.literal('path'), parameter: z.string() }),
  z.strictObject({ from: z.literal('answer'), pointer: z.string().startsWith('/') }),
  z.literal('none'),
])

/** How the person must have signed in (RFC 9470): at least so strongly, at most so many seconds ago. */
const signIn = z
  .strictObject({
    acr: z
      .enum(acrReached, 'must be a level that people can reach: garde:secret-otp or garde:passkey')
      .optional(),
    maxAge: z.int().min(60).max(43_200).optional(),
  })
  .optional()
export type SignInDemand = NonNullable<z.output<typeof signIn>>

const unsafeMethods: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE']

const routeShape = z.strictObject({
  name,
  methods: z.array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])).min(1),
  /** `/patients/:patient/notes`: literal segments and `:parameters`. */
  path: z.string().regex(/^(\/(:[a-z]+|[A-Za-z0-9._~$-]+))+$/),
  /** All of these scopes are required. */
  scopes: z.array(z.string()).default([]),
  patient: patientSource,
  /** Query parameters that exist, each at most once; any other is refused. */
  query: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,39}$/)).default([]),
  /** One signature per token and upstream (reused while it lives), or one per request bound to method and path. */
  assertion: z.enum(['token', 'request']).default('token'),
  /** In place of the resource's. */
  signIn,
})

/** Whose record is written must be known before it is written; a path that names no such parameter names nobody. */
export const restRoute = routeShape.superRefine(({ methods, patient, path }, context) => {
  if (patient === 'none') return
  if (patient.from === 'answer' && methods.some((method) => unsafeMethods.includes(method)))
    context.addIssue({ code: 'custom', path: ['patient'], message: 'a write needs its patient in the path' })
  if (patient.from === 'path' && !path.split('/').includes(`:${patient.parameter}`))
    context.addIssue({ code: 'custom', path: ['patient'], message: 'the path has no such parameter' })
})

const common = {
  name,
  /** RFC 8707 resource indicator and the `aud` of its tokens. */
  audience: z.url(),
  base,
  upstream,
  headers: z.array(headerName).default([]),
  signIn,
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
  /** Parameters by which the API's own paging links continue; they come back as they were sent. */
  paging: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,39}$/))
    .default([
      '_cursor',
      '_page',
      '_offset',
      '_getpages',
      '_getpagesoffset',
      '_bundletype',
      '_pageId',
      'ct',
      'page',
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
  /** Takes over what is saved now. */
  reload(): Promise<void>
}
