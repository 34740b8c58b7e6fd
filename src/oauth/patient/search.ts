/**
 * Looking for a patient in the records API, as the person who chooses: with a token of theirs that lives seconds and
 * reads patients only, through the gateway, which keeps to the practice, counts and records as for any application.
 * Nobody browses: a name with its birth date, exactly, or an identifier.
 */

import { z } from 'zod'
import { base64url, randomBytes } from '../../core/bytes.ts'
import type { RecordsAnswer } from '../../resources/records.ts'
import type { Services } from '../../services.ts'
import type { PersonClaims } from '../../tokens/claims.ts'
import type { Fields } from '../fields.ts'

export interface PatientSearch {
  family: string
  given: string
  /** `1951-03-03`. */
  birthDate: string
  identifier: string
}

export interface FoundPatient {
  id: string
  name: string
  birthDate?: string
  gender?: string
}

export type PatientProblem = 'incomplete' | 'too-many' | 'unknown' | 'stopped' | 'sign-in' | 'unreachable'

/** Who asks, where, and through which browser. */
export interface Asker {
  /** What its token says, but for how long. */
  claims: Omit<PersonClaims, 'exp' | 'iat' | 'jti' | 'cnf'>
  remote: string
  forwardedFor: string | undefined
}

export const patientIdShape = /^(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}$/
const shown = 20

export const patientSearchIn = (fields: Fields): PatientSearch => ({
  family: short(fields['family']),
  given: short(fields['given']),
  birthDate: isoDate(short(fields['birthdate'])),
  identifier: short(fields['identifier']),
})

const short = (value = ''): string => value.trim().slice(0, 80)

/** `03/03/1951` is what people write where the browser has no field for dates. */
function isoDate(value: string): string {
  const [, day, month, year] = /^(\d{2})[./](\d{2})[./](\d{4})$/.exec(value) ?? []
  return year === undefined ? value : `${year}-${month}-${day}`
}

/** Only patients of the practice: the gateway pins the search to it and looks at what comes back. */
export async function searchPatients(
  services: Services,
  asker: Asker,
  search: PatientSearch,
): Promise<FoundPatient[] | PatientProblem> {
  const query = queryOf(search)
  if (!query) return 'incomplete'
  const answer = await askAs(services, asker, `/Patient?${query.toString()}`)
  if (answer.status !== 200) return problemOf(answer)
  const bundle = bundleShape.safeParse(answer.document).data
  if (!bundle) return 'unreachable'
  const found = bundle.entry.flatMap(({ resource }) => patientShape.safeParse(resource).data ?? [])
  const exact = found.filter((patient) => answersExactly(patient, search))
  return exact.length > shown ? 'too-many' : exact.map(seen)
}

/** `id` as it was posted. Answers only for a patient of the practice; of others nobody learns that they exist. */
export async function findPatient(
  services: Services,
  asker: Asker,
  id: string,
): Promise<FoundPatient | PatientProblem> {
  if (!patientIdShape.test(id)) return 'unknown'
  const answer = await askAs(services, asker, `/Patient/${id}`)
  const patient = answer.status === 200 ? patientShape.safeParse(answer.document).data : undefined
  if (patient?.id === id) return seen(patient)
  return answer.status === 200 ? 'unreachable' : problemOf(answer)
}

function queryOf({ family, birthDate, identifier }: PatientSearch): URLSearchParams | undefined {
  const count = ['_count', String(shown + 1)] as const
  if (/^[\p{L}\p{N} .:/|_-]{3,80}$/u.test(identifier))
    return new URLSearchParams([['identifier', identifier], [...count]])
  const named = family.length >= 2 && /^\d{4}-\d{2}-\d{2}$/.test(birthDate)
  return named ? new URLSearchParams([['family', family], ['birthdate', birthDate], [...count]]) : undefined
}

/** The search of an API may begin with, or contain; this one does not. */
function answersExactly(patient: Patient, { family, given, birthDate, identifier }: PatientSearch): boolean {
  const value = identifier.split('|').at(-1)
  if (identifier !== '') return patient.identifier.some((one) => one.value === value)
  return (
    patient.birthDate === birthDate &&
    patient.name.some(
      (name) =>
        plain(name.family) === plain(family) &&
        (given === '' || name.given.some((one) => plain(one) === plain(given))),
    )
  )
}

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[\s’'-]+/gu, ' ')
    .trim()
    .toLowerCase()

const name = z.object({
  use: z.string().optional(),
  family: z.string().default(''),
  given: z.array(z.string()).default([]),
})
const patientShape = z.object({
  resourceType: z.literal('Patient'),
  id: z.string().regex(patientIdShape),
  name: z.array(name).default([]),
  birthDate: z.string().optional(),
  gender: z.string().optional(),
  identifier: z.array(z.object({ value: z.string().optional() })).default([]),
})
type Patient = z.output<typeof patientShape>
const bundleShape = z.object({ entry: z.array(z.object({ resource: z.unknown() })).default([]) })

function seen({ id, name: names, birthDate, gender }: Patient): FoundPatient {
  const usual = names.find(({ use }) => use === 'usual' || use === 'official') ?? names[0]
  return {
    id,
    name: [usual?.family.toUpperCase(), ...(usual?.given ?? [])].filter(Boolean).join(' '),
    ...(birthDate !== undefined && { birthDate }),
    ...(gender !== undefined && { gender }),
  }
}

const problems: Readonly<Record<number, PatientProblem>> = {
  401: 'sign-in',
  403: 'unknown',
  404: 'unknown',
  423: 'stopped',
  429: 'stopped',
}
const problemOf = ({ status }: RecordsAnswer): PatientProblem => problems[status] ?? 'unreachable'

/** Longer than any answer takes; it never leaves the server. */
const tokenSeconds = 60

/** As the asker, in the gateway's sight. */
export async function askAs(
  { resources, keys, records, clock }: Services,
  { claims, remote, forwardedFor }: Asker,
  path: string,
): Promise<RecordsAnswer> {
  const base = resources.findByAudience(claims.aud)?.base ?? ''
  const iat = clock.now()
  const jti = base64url(randomBytes(16))
  const accessToken = await keys.sign('token', 'at+jwt', { ...claims, iat, exp: iat + tokenSeconds, jti })
  return records.ask({ target: `${base}${path}`, accessToken, remote, forwardedFor })
}
