/** What is typed into a form, as an Observation; undefined when it is not what the form asks for. */

import { measures } from '../data/words.ts'
import type { Resource } from '../records-api/fhir.ts'

export interface Typed {
  kind: 'measure' | 'note'
  /** LOINC code of a measure. */
  code: string
  text: string
}

export function observationOf(typed: Typed, patient: string, now: Date): Resource | undefined {
  const value = typed.kind === 'note' ? noteOf(typed.text) : measureOf(typed)
  return (
    value && {
      resourceType: 'Observation',
      status: 'final',
      subject: { reference: `Patient/${patient}` },
      effectiveDateTime: now.toISOString(),
      ...value,
    }
  )
}

function noteOf(text: string) {
  const note = text.trim()
  if (note === '' || note.length > 1000) return undefined
  return {
    code: { coding: [{ system: 'http://loinc.org', code: '34109-9' }], text: 'Note' },
    valueString: note,
  }
}

function measureOf({ code, text }: Typed) {
  const measure = measures.find((known) => known.code === code)
  const value = Number(text.trim().replace(',', '.'))
  if (!measure || !/^\s*\d{1,4}([.,]\d{1,3})?\s*$/.test(text)) return undefined
  return {
    code: { coding: [{ system: 'http://loinc.org', code }], text: measure.fr },
    valueQuantity: { value, unit: measure.unit },
  }
}
