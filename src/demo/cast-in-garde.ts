/** The cast as Garde knows it: made once through the product's own acts, found again when the data directory is kept. */

import type { EventHead, Holder } from '../audit/event.ts'
import type { CredentialId, MembershipId, OperatorId, PracticeId, PractitionerId } from '../core/ids.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { days, type Seconds } from '../core/time.ts'
import { addMembership, endMembership, listMemberships } from '../people/memberships.ts'
import { createOperator, listOperators, newOperator } from '../people/operators.ts'
import { findHolder } from '../people/holder.ts'
import { listPasskeys } from '../people/own-passkeys.ts'
import { keepPasskey, registrationOptions, verifyRegistration } from '../people/passkey.ts'
import { createPractice, listPractices, newPractice } from '../people/practices.ts'
import { createPractitioner, listPractitioners, newPractitioner } from '../people/practitioners.ts'
import type { Role } from '../tokens/claims.ts'
import type { Services } from '../services.ts'
import { demoHead, withClock } from './past-clock.ts'
import type { Desk } from './authenticator-desk/desk.ts'
import { mailOf, nameOf, operators, people, practices, type PracticeName } from './data/cast.ts'

export interface Player {
  key: string
  holder: Holder
  credential: CredentialId
  memberships: { id: MembershipId; practice: PracticeName; role: Role; startAt: Seconds; endAt?: Seconds }[]
}

export interface CastInGarde {
  practices: Record<PracticeName, PracticeId>
  /** Practitioners and operators by key. */
  players: ReadonlyMap<string, Player>
}

/** Long enough ago that no practice is new to the rules that watch new ones. */
const madeDaysAgo = 60

export async function ensureCast(
  services: Services,
  desk: Desk,
): Promise<{ cast: CastInGarde; isNew: boolean }> {
  const isNew = (await listPractices(services)).length === 0
  if (isNew) await makeCast(services, desk)
  return { cast: await findCast(services), isNew }
}

async function makeCast(present: Services, desk: Desk): Promise<void> {
  const now = present.clock.now()
  const services = withClock(present, now - days(madeDaysAgo))
  const head = demoHead(services)
  const ids = new Map<PracticeName, PracticeId>()
  for (const { recordsName, name, finess } of practices) {
    const made = await createPractice(services, newPractice.parse({ recordsName, name, finess }), head)
    ids.set(recordsName, made.id)
  }
  for (const person of people) {
    const { givenName, familyName, language = 'fr' } = person
    const fields = newPractitioner.parse({
      givenName,
      familyName,
      email: mailOf(nameOf(person)),
      language,
      recordsName: `prat-${person.key}`,
    })
    const { id } = await createPractitioner(services, fields, head)
    for (const { practice, role, doctors = 1, startedDaysAgo, endedDaysAgo } of person.memberships) {
      const startAt = now - days(startedDaysAgo)
      const joined = ids.get(practice)
      if (!joined) throw new Error(`${practice} is not a practice of the cast`)
      const membership = await addMembership(services, id, joined, { role, doctors, startAt }, head)
      if (endedDaysAgo === undefined) continue
      const endAt = now - days(endedDaysAgo)
      await endMembership(services, membership.id, endAt, { ...head, at: endAt })
    }
    await givePasskey(services, desk, person.key, { kind: 'practitioner', id }, head)
  }
  for (const { key, name } of operators) {
    const { id } = await createOperator(services, newOperator.parse({ name, email: mailOf(name) }), head)
    await givePasskey(services, desk, key, { kind: 'operator', id }, head)
  }
}

/** A real registration: the challenge is Garde's, the answer is the software device's. */
async function givePasskey(
  services: Services,
  desk: Desk,
  key: string,
  holder: Holder,
  head: EventHead,
): Promise<void> {
  const card = await findHolder(services, holder)
  if (!card) throw new Error(`${key} is not a holder`)
  const browser = hashSecret(services.primitives, mintSecret())
  const purpose = { for: 'enrol', link: 'demo' } as const
  const options = await registrationOptions(services, card, browser, purpose)
  const registered = await verifyRegistration(services, desk.create(key, options), browser, purpose)
  await services.db.transaction((tx) =>
    keepPasskey(services, tx, holder, registered, 'Garde demo authenticator', { ...head, actor: holder }),
  )
}

async function findCast(services: Services): Promise<CastInGarde> {
  const known = await listPractices(services)
  const byName = Object.fromEntries(known.map(({ recordsName, id }) => [recordsName, id]))
  const nameOfPractice = new Map(known.map(({ id, recordsName }) => [id, recordsName as PracticeName]))
  const mails = new Map<string, Holder>()
  for (const { email, id } of await listPractitioners(services)) mails.set(email, practitionerHolder(id))
  for (const { email, id } of await listOperators(services)) mails.set(email, { kind: 'operator', id })
  const everyMembership = await listMemberships(services)
  const players = new Map<string, Player>()
  const names = [
    ...people.map((person) => ({ key: person.key, name: nameOf(person) })),
    ...operators.map(({ key, name }) => ({ key, name })),
  ]
  for (const { key, name } of names) {
    const holder = mails.get(mailOf(name))
    if (!holder) throw new Error(`${name} is missing: begin again with an empty data directory`)
    const [passkey] = await listPasskeys(services, holder)
    if (!passkey) continue
    const memberships = everyMembership
      .filter(({ practitioner }) => practitioner === holder.id)
      .map(({ practice, ...rest }) => ({
        ...rest,
        practice: nameOfPractice.get(practice) ?? practices[0].recordsName,
      }))
    players.set(key, { key, holder, credential: passkey.id, memberships })
  }
  return { practices: byName as Record<PracticeName, PracticeId>, players }
}

const practitionerHolder = (id: PractitionerId): Holder => ({ kind: 'practitioner', id })

/** The id of an operator of the cast. */
export function operatorOf(cast: CastInGarde, key: (typeof operators)[number]['key']): OperatorId {
  const holder = cast.players.get(key)?.holder
  if (holder?.kind !== 'operator') throw new Error(`${key} is not an operator`)
  return holder.id
}
