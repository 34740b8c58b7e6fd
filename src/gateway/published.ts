/** What anybody may read: the metadata of each resource (RFC 9728), and the keys that verify assertions. */

import type { Keys } from '../tokens/keys.ts'
import type { ResourceTable } from '../resources/resource.ts'
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
