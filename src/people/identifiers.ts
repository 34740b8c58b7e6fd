/** National identifiers as domain.md §3 gives them: form and check digit. That one exists is not ours to know. */

import { z } from 'zod'

/** ISO/IEC 7812-1 Annex B. */
export function luhn(digits: string): boolean {
  let sum = 0
  for (const [place, digit] of Array.from(digits).toReversed().entries()) {
    const value = place % 2 === 1 ? Number(digit) * 2 : Number(digit)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** Professional, `https://rpps.esante.gouv.fr`. */
export const rppsShape = z
  .string()
  .regex(/^\d{11}$/, 'expected 11 digits')
  .refine(luhn, 'the check digit is wrong')

/** Structure, `https://finess.esante.gouv.fr`: department (2A and 2B are Corsica's), then seven digits. */
export const finessShape = z.string().regex(/^\d[\dAB]\d{7}$/, 'expected 9 characters')

export const sirenShape = z
  .string()
  .regex(/^\d{9}$/, 'expected 9 digits')
  .refine(luhn, 'the check digit is wrong')

/** An id of the records API (FHIR R4 datatypes, `id`); never `.` or `..`, which lead elsewhere in an address. */
export const recordsIdShape = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}$/, 'expected an id of the records API')

/** One spelling per mailbox: trimmed, lower case. */
export const emailShape = z.string().trim().toLowerCase().pipe(z.email().max(254))

/** Names as people write them: no control character, nothing that reorders text (Unicode Cc, Cf, Zl, Zp). */
export const nameShape = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'control characters')
