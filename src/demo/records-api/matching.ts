/** Does a value answer a search? One rule per kind of parameter (FHIR R4 search §3.1.1.5). */

import { Fault } from './fhir.ts'
import { localReference } from './references.ts'
import type { SearchParameter } from './search-parameters.ts'

interface Context {
  /** Base of absolute references to this server. */
  base: string
}

type Rule = (value: unknown, wanted: string, context: Context) => boolean

/** One of the comma-separated values must match; `\,` is a comma. */
export const alternatives = (wanted: string): string[] =>
  wanted.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ','))

export const matches = (
  parameter: SearchParameter,
  values: unknown[],
  wanted: string,
  context: Context,
): boolean =>
  alternatives(wanted).some((part) => values.some((value) => rules[parameter.kind](value, part, context)))

const rules: Record<SearchParameter['kind'], Rule> = {
  reference: (value, wanted, { base }) => {
    const held = referenceString(value)
    const local = held && localReference(held, base)
    if (local === undefined) return false
    const asked = localReference(wanted, base) ?? wanted
    return asked.includes('/') ? local === asked : local.endsWith(`/${asked}`)
  },
  token: (value, wanted) => {
    const [system, code] = wanted.includes('|') ? wanted.split('|', 2) : [undefined, wanted]
    return codings(value).some(
      (coding) =>
        (!code || coding.code === code) && (system === undefined || (coding.system ?? '') === system),
    )
  },
  // Starts with, without case or accents.
  string: (value, wanted) => typeof value === 'string' && plain(value).startsWith(plain(wanted)),
  date: (value, wanted) => typeof value === 'string' && compareDate(value, wanted),
}

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()

export const referenceString = (value: unknown): string | undefined => {
  const held = (value as { reference?: unknown } | null)?.reference
  return typeof held === 'string' ? held : undefined
}

interface Coding {
  system?: string
  code?: string
}

/** A code, a Coding, a CodeableConcept or an Identifier, as codings. */
function codings(value: unknown): Coding[] {
  if (typeof value === 'string') return [{ code: value }]
  if (typeof value !== 'object' || value === null) return []
  const held = value as { coding?: Coding[]; system?: string; code?: string; value?: string }
  if (held.coding) return held.coding
  const code = held.code ?? held.value
  return [{ ...(held.system !== undefined && { system: held.system }), ...(code !== undefined && { code }) }]
}

/** `2024-05`, `ge2024-05-01`, … compared as text to the precision that was asked for. */
function compareDate(value: string, wanted: string): boolean {
  const [, prefix = 'eq', asked = ''] = /^(eq|ne|gt|lt|ge|le)?(\d{4}.*)$/.exec(wanted) ?? []
  if (asked === '') throw new Fault(400, 'invalid', 'expected a date such as 2024-05-01 or ge2024-05-01')
  const held = value.slice(0, asked.length)
  const order = held < asked ? -1 : held > asked ? 1 : 0
  return comparisons[prefix]?.(order) ?? false
}

const comparisons: Record<string, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  lt: (order) => order < 0,
  ge: (order) => order >= 0,
  le: (order) => order <= 0,
}
