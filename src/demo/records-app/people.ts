/** Reading FHIR for the eye: names, ages, dates, values. */

import type { Language } from '../../core/language.ts'
import type { Bundle, Resource } from '../records-api/fhir.ts'

interface HumanName {
  text?: string
  family?: string
  given?: string[]
}

export function nameOf(patient: Resource): string {
  const [name] = (patient['name'] as HumanName[] | undefined) ?? []
  if (!name) return patient.id ?? '—'
  return [name.family?.toUpperCase(), ...(name.given ?? [])].filter(Boolean).join(' ') || (name.text ?? '—')
}

export const fileNumberOf = (patient: Resource): string =>
  (patient['identifier'] as { value?: string }[] | undefined)?.[0]?.value ?? patient.id ?? ''

export const townOf = (patient: Resource): string =>
  (patient['address'] as { city?: string }[] | undefined)?.[0]?.city ?? ''

/** Whole years at `now`; undefined where the date of birth is not known to the day. */
export function ageOf(birthDate: unknown, now: Date): number | undefined {
  if (typeof birthDate !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(birthDate)) return undefined
  const today = now.toISOString().slice(0, 10)
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4))
  return today.slice(5) < birthDate.slice(5) ? years - 1 : years
}

export function dateOf(value: unknown, language: Language, withTime = false): string {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return ''
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'medium',
    ...(withTime && { timeStyle: 'short' as const }),
    timeZone: 'Europe/Paris',
  }).format(new Date(value))
}

/** A CodeableConcept's words. */
export function conceptOf(value: unknown): string {
  const concept = (Array.isArray(value) ? value[0] : value) as
    { text?: string; coding?: { display?: string; code?: string }[] } | undefined
  return concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code ?? '—'
}

export function valueOf(observation: Resource, language: Language): string {
  const quantity = observation['valueQuantity'] as { value?: number; unit?: string } | undefined
  if (quantity?.value !== undefined)
    return `${quantity.value.toLocaleString(language)} ${quantity.unit ?? ''}`.trim()
  return typeof observation['valueString'] === 'string' ? observation['valueString'] : ''
}

export const resourcesIn = (bundle: Bundle): Resource[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => resource ?? [])

/** Path and query of the next page under `base`; undefined on the last, or where it leads elsewhere. */
export function nextIn(bundle: Bundle, base: string): string | undefined {
  const next = bundle.link?.find(({ relation }) => relation === 'next')?.url
  return next?.startsWith(`${base}/`) ? next.slice(base.length + 1) : undefined
}
