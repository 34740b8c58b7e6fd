/** What the admin API answers with, named for its document. Times are seconds since 1970. */

import { z } from 'zod'
import { clientOptionsShape } from '../clients/client.ts'
import { idPattern, type Id, type IdKind } from '../core/ids.ts'
import { looseningKinds } from '../operators/loosening.ts'
import { resourceShape } from '../resources/resource.ts'

/** Named shapes become components of the OpenAPI document. */
export const named = z.registry<{ id: string }>()

const component = <Shape extends z.ZodType>(id: string, shape: Shape): Shape => {
  named.add(shape, { id })
  return shape
}

/** Only what the shape names: what is not documented does not go out. */
export const shownAs = (shape: z.ZodObject, value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name in shape.shape))

export const idShape = <Kind extends IdKind>(kind: Kind): z.ZodType<Id<Kind>, string> =>
  z.string().regex(idPattern(kind)) as unknown as z.ZodType<Id<Kind>, string>

export const at = z.int().nonnegative()
const words = z.strictObject({ fr: z.string().min(1).max(500), en: z.string().min(1).max(500) })
const language = z.enum(['fr', 'en'])

export const problem = component(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    /** Named in the log and the audit. */
    request: z.string(),
    /** Which fields, and what was expected; never what was sent. */
    faults: z.array(z.string()).optional(),
  }),
)

export const practice = component(
  'Practice',
  z.strictObject({
    id: idShape('practice'),
    name: z.string(),
    finess: z.string().optional(),
    siren: z.string().optional(),
    recordsName: z.string(),
    secretSignIn: z.boolean(),
    createdAt: at,
  }),
)

export const practitioner = component(
  'Practitioner',
  z.strictObject({
    id: idShape('practitioner'),
    givenName: z.string(),
    familyName: z.string(),
    email: z.string(),
    rpps: z.string().optional(),
    recordsName: z.string().optional(),
    language,
    createdAt: at,
    disabledAt: at.optional(),
  }),
)

export const membership = component(
  'Membership',
  z.strictObject({
    id: idShape('membership'),
    practitioner: idShape('practitioner'),
    practice: idShape('practice'),
    role: z.enum(['clinician', 'secretary', 'manager']),
    doctors: z.int(),
    startAt: at,
    endAt: at.optional(),
  }),
)

export const operator = component(
  'Operator',
  z.strictObject({
    id: idShape('operator'),
    name: z.string(),
    email: z.string(),
    language,
    createdAt: at,
    disabledAt: at.optional(),
  }),
)

export const registrationToken = component(
  'RegistrationToken',
  z.strictObject({
    id: idShape('registrationToken'),
    operator: idShape('operator'),
    profiles: z.array(z.string()),
    scopes: z.array(z.string()),
    resources: z.array(z.string()),
    usesLeft: z.int(),
    createdAt: at,
    expiresAt: at,
  }),
)

export const client = component(
  'Client',
  z.strictObject({
    id: idShape('client'),
    name: z.string(),
    profile: z.string(),
    firstParty: z.boolean(),
    redirectUris: z.array(z.string()),
    postLogoutRedirectUris: z.array(z.string()),
    scopes: z.array(z.string()),
    resources: z.array(z.string()),
    authentication: z.array(z.string()),
    options: clientOptionsShape,
    grantTypes: z.array(z.string()),
    practice: idShape('practice').optional(),
    createdAt: at,
    disabledAt: at.optional(),
  }),
)

/** What is wrong with an address, in the caller's language. */
export const checkedAddress = component(
  'CheckedAddress',
  z.strictObject({
    sound: z.boolean(),
    client: idShape('client').optional(),
    faults: z.array(z.strictObject({ parameter: z.string().optional(), says: z.string() })),
  }),
)

/** For one program: what to copy, or why it cannot be used with this client. */
export const configuration = component(
  'Configuration',
  z.strictObject({
    name: z.string(),
    title: z.string(),
    file: z.string(),
    text: z.string().optional(),
    why: z.string().optional(),
  }),
)

export const untold = component(
  'Untold',
  z.strictObject({
    id: z.int(),
    client: idShape('client'),
    session: idShape('session'),
    /** `failing`: tried again at `nextAt`; `dead`: given up. */
    state: z.enum(['failing', 'dead']),
    createdAt: at,
    attempts: z.int(),
    nextAt: at,
    /** `status 500`, `time`, `unreachable`… */
    fault: z.string(),
  }),
)

export const honour = component(
  'Honour',
  z.strictObject({
    client: idShape('client'),
    told: z.int(),
    waiting: z.int(),
    dead: z.int(),
    lastToldAt: at.nullable(),
  }),
)

export const resource = component('Resource', resourceShape)

const holder = z.strictObject({ kind: z.enum(['practitioner', 'operator']), id: z.string() })

export const session = component(
  'Session',
  z.strictObject({
    id: idShape('session'),
    holder,
    acr: z.string(),
    amr: z.array(z.string()),
    authTime: at,
    sharedDesk: z.boolean(),
    network: z.string(),
    userAgent: z.string(),
    startedAt: at,
    lastActiveAt: at,
    endsAt: at,
  }),
)

export const selector = component(
  'Selector',
  z.union([
    z.strictObject({ everything: z.literal(true) }),
    z.strictObject({
      practice: idShape('practice').optional(),
      practitioner: idShape('practitioner').optional(),
      operator: idShape('operator').optional(),
      client: idShape('client').optional(),
      session: idShape('session').optional(),
    }),
  ]),
)

export const effect = component(
  'Effect',
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('deny') }),
    z.strictObject({ kind: z.literal('read-only') }),
    z.strictObject({ kind: z.literal('step-up') }),
    z.strictObject({ kind: z.literal('quota'), patients: z.int().nonnegative() }),
  ]),
)

const author = z.union([
  z.strictObject({ kind: z.enum(['operator', 'practitioner']), id: z.string() }),
  z.strictObject({ kind: z.literal('rule'), rule: z.string() }),
])

export const restrictionFields = {
  selector,
  effect,
  endsSessions: z.boolean().default(false),
  reason: z.string().trim().min(1).max(500),
  message: words.optional(),
  expiresAt: at.optional(),
}

export const restriction = component(
  'Restriction',
  z.strictObject({
    id: idShape('restriction'),
    sequence: z.int(),
    ...restrictionFields,
    endsSessions: z.boolean(),
    author,
    createdAt: at,
  }),
)

export const lift = component(
  'Lift',
  z.strictObject({
    sequence: z.int(),
    restriction: idShape('restriction'),
    reason: z.string(),
    author,
    createdAt: at,
  }),
)

export const listedRestriction = component(
  'ListedRestriction',
  z.strictObject({ restriction, lift: lift.optional(), state: z.enum(['active', 'lifted', 'expired']) }),
)

/** Where an act holds already, and where not yet. */
export const applied = {
  durable: z.literal(true),
  appliedOn: z.array(z.strictObject({ point: z.string(), at })),
  pending: z.array(z.string()),
}

export const approval = component(
  'Approval',
  z.strictObject({
    id: idShape('approval'),
    /** With the fields of the act, as they were asked for. */
    act: z.looseObject({ kind: z.enum(looseningKinds) }),
    requestedBy: z.looseObject({ kind: z.string() }),
    createdAt: at,
    expiresAt: at,
    state: z.enum(['open', 'decided', 'expired']),
    /** Of what was decided: what. */
    outcome: z.enum(['approved', 'declined']).optional(),
    decidedAt: at.optional(),
    decidedBy: idShape('operator').optional(),
    /** Where an operator decides it, with a fresh passkey. */
    url: z.url(),
  }),
)

export const finding = component(
  'Finding',
  z.strictObject({
    id: idShape('finding'),
    rule: z.string(),
    practitioner: idShape('practitioner').nullable(),
    practice: idShape('practice').nullable(),
    value: z.int(),
    threshold: z.int(),
    window: z.string(),
    action: z.string(),
    restriction: idShape('restriction').nullable(),
    at,
  }),
)

/** A one-time link: shown once, dead when used. */
export const invitation = component('Invitation', z.strictObject({ url: z.url(), expiresAt: at }))

/** An entry of one of the logs; its place is `log` and `index`. */
export const loggedEvent = component(
  'LoggedEvent',
  z.strictObject({ log: z.string(), index: z.int(), event: z.looseObject({ kind: z.string(), at }) }),
)

export const patientServed = component(
  'PatientServed',
  z.strictObject({
    /** Keyed pseudonym. */
    patient: z.string(),
    opened: z.int(),
    listed: z.int(),
    written: z.int(),
    firstAt: at,
    lastAt: at,
  }),
)
