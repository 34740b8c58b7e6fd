/** `GET metadata`: derived from the tables the server runs on, so that nothing is announced that is not accepted. */

import type { Resource } from './fhir.ts'
import { parametersOf, types } from './search-parameters.ts'

const interactions = ['read', 'search-type', 'create', 'update', 'delete'].map((code) => ({ code }))

export const capabilityStatement = (base: string): Resource => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-01-01',
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['application/fhir+json'],
  implementation: { description: 'Dossier Démo: fictional records for trying Garde', url: base },
  rest: [
    {
      mode: 'server',
      interaction: [{ code: 'batch' }, { code: 'transaction' }],
      resource: Object.keys(types).map((type) => ({
        type,
        versioning: 'versioned-update',
        updateCreate: true,
        interaction: interactions,
        searchParam: parametersOf(type).map(([name, { kind }]) => ({ name, type: kind })),
        searchInclude: includesOf(type),
      })),
    },
  ],
})

const includesOf = (type: string): string[] =>
  parametersOf(type)
    .filter(([, { kind }]) => kind === 'reference')
    .map(([name]) => `${type}:${name}`)
