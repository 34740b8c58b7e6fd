/**
 * Real-shaped test records: transaction bundles as Synthea writes them, one patient each. They carry no managing
 * organization, so each patient is given one of ours, in turn. The files are never part of this repository.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Bundle } from './fhir.ts'

/** Beside the repository, where a checkout has it. */
export const syntheaFolder = fileURLToPath(new URL('../../../../shared/fhir/synthea-r4/', import.meta.url))

export const hasSynthea = (folder: string = syntheaFolder): boolean => existsSync(folder)

/** In order of file name; patient n goes to organization n modulo their number (`Organization/…` ids). */
export function readSynthea(organizations: readonly string[], folder: string = syntheaFolder): Bundle[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
  return files.map((name, i) =>
    withOrganization(
      JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Bundle,
      organizations[i % organizations.length] ?? '',
    ),
  )
}

const withOrganization = (bundle: Bundle, organization: string): Bundle => ({
  ...bundle,
  entry: (bundle.entry ?? []).map((entry) =>
    entry.resource?.resourceType === 'Patient'
      ? {
          ...entry,
          resource: {
            ...entry.resource,
            managingOrganization: { reference: `Organization/${organization}` },
          },
        }
      : entry,
  ),
})
