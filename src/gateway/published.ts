/**
 * What anybody may read: the metadata of each resource (RFC 9728), the keys that verify assertions, how to launch an
 * application on a FHIR base (SMART App Launch 2.2). And that pages of any origin may call a FHIR base: no cookie opens it.
 */

import type { Keys } from '../tokens/keys.ts'
import type { FhirResource, ResourceTable } from '../resources/resource.ts'
import { allProofAlgorithms } from '../tokens/proof-key.ts'
import type { Answer } from './refuse.ts'

const metadataPrefix = '/.well-known/oauth-protected-resource'
export const assertionKeysPath = '/.well-known/garde-assertion-keys'

/** RFC 9728 §3.1: the well-known name stands before the resource's path. */
export const metadataPath = (base: string): string => `${metadataPrefix}${base}`

interface Publishing {
  issuer: string
  keys: Pick<Keys, 'jwks'>
  resources: ResourceTable
}

export function findPublished(
  { issuer, keys, resources }: Publishing,
  method: string,
  path: string,
): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  if (path === assertionKeysPath) return json(keys.jwks('assertion'))
  const resource = resources.all().find(({ base }) => path === metadataPath(base))
  if (!resource) return undefined
  return json({
    resource: resource.audience,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: allProofAlgorithms,
    resource_name: resource.name,
  })
}

const smartPath = '/.well-known/smart-configuration'

/** `path` follows the base. Undefined: a call, to be authenticated. */
export function findOnBase(
  { smartConfiguration }: { smartConfiguration: (resource: FhirResource) => object },
  resource: FhirResource,
  method: string,
  path: string,
): Answer | undefined {
  if (method === 'OPTIONS') return { kind: 'answer', status: 204, headers: [...preflight], body: '' }
  const asked = path === smartPath && (method === 'GET' || method === 'HEAD')
  return asked ? json(smartConfiguration(resource)) : undefined
}

/** FHIR R4 http.html §3.1.0.1 asks for CORS; a token in a header is nothing a browser adds by itself. */
const preflight = [
  'access-control-allow-methods',
  'GET, HEAD, POST, PUT, DELETE',
  'access-control-allow-headers',
  'Authorization, DPoP, Accept, Accept-Language, Content-Type, If-Match, Prefer',
  'access-control-max-age',
  '600',
]

export function readableByAll(answer: Answer): Answer {
  if (answer.headers.includes('access-control-allow-origin')) return answer
  const exposed = 'ETag, Last-Modified, Location, WWW-Authenticate, DPoP-Nonce, Retry-After, X-Request-Id'
  const headers = [
    ...answer.headers,
    'access-control-allow-origin',
    '*',
    'access-control-expose-headers',
    exposed,
  ]
  return { ...answer, headers }
}

const json = (document: object): Answer => ({
  kind: 'answer',
  status: 200,
  headers: [
    'content-type',
    'application/json',
    'cache-control',
    'public, max-age=60',
    'x-content-type-options',
    'nosniff',
    'access-control-allow-origin',
    '*',
  ],
  body: JSON.stringify(document),
})
