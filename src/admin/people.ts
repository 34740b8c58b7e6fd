/** Practitioners, their memberships and their first way in. */

import { z } from 'zod'
import type { Holder } from '../audit/event.ts'
import { Refusal } from '../core/refusal.ts'
import { inviteHolder } from '../people/enrolment.ts'
import { listPasskeys } from '../people/own-passkeys.ts'
import { hasSecret } from '../people/secret-store.ts'
import type { Services } from '../services.ts'
import { addMembership, endMembership, listMemberships, newMembership } from '../people/memberships.ts'
import {
  createPractitioner,
  disablePractitioner,
  findPractitioner,
  listPractitioners,
  newPractitioner,
  practitionerChange,
  updatePractitioner,
} from '../people/practitioners.ts'
import { invitationBody } from './invitation.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { created, ok, route, type AdminRoute } from './route.ts'
import { at, idShape, invitation, membership, practitioner } from './shapes.ts'

/** A secretary's caps grow with the doctors she works for: beyond that, raising them is somebody's named decision. */
const plainDoctors = 10

/** What the log and applications know a person by. */
const identity = ['givenName', 'familyName', 'email', 'rpps', 'recordsName'] as const

/** An invitation opens a first way in; for who has one already it would open a second. */
const holdsCredential = async (services: Services, holder: Holder): Promise<boolean> =>
  (await listPasskeys(services, holder)).length > 0 || (await hasSecret(services.db, holder))

export const peopleRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/practitioners',
    operation: 'listPractitioners',
    tag: 'people',
    summary: { fr: 'Les praticiens, par nom', en: 'Practitioners, by family name' },
    query: pageQuery,
    answers: { 200: listOf(practitioner) },
    refusals: [],
    handle: async ({ services, query }) =>
      ok(pageOf(await listPractitioners(services), query, ({ id }) => id)),
  }),
  route({
    method: 'post',
    path: '/practitioners',
    operation: 'createPractitioner',
    tag: 'people',
    summary: { fr: 'Créer un praticien', en: 'Create a practitioner' },
    body: newPractitioner,
    answers: { 201: practitioner },
    refusals: ['conflict'],
    handle: async ({ services, body, head }) => created(await createPractitioner(services, body, head)),
  }),
  route({
    method: 'patch',
    path: '/practitioners/{practitioner}',
    operation: 'changePractitioner',
    tag: 'people',
    summary: {
      fr: 'Modifier un praticien ; l’identité de qui a déjà une clé demande celle d’un opérateur',
      en: 'Change a practitioner; the identity of who has a passkey already takes an operator’s',
    },
    body: practitionerChange,
    answers: { 200: practitioner },
    refusals: ['not_found', 'conflict'],
    loosens: async ({ services, id, body }) => {
      const holder = { kind: 'practitioner', id: id('practitioner') } as const
      const whole = identity.some((name) => body[name] !== undefined)
      return whole && (await holdsCredential(services, holder))
        ? { kind: 'change-practitioner', practitioner: holder.id, change: body }
        : undefined
    },
    handle: async ({ services, id, body, head }) =>
      ok(await updatePractitioner(services, id('practitioner'), body, head)),
  }),
  route({
    method: 'post',
    path: '/practitioners/{practitioner}/disable',
    operation: 'disablePractitioner',
    tag: 'people',
    summary: {
      fr: 'Désactiver un praticien et fermer ses sessions',
      en: 'Disable a practitioner and end their sessions',
    },
    answers: { 200: practitioner },
    refusals: ['not_found'],
    handle: async ({ services, id, head }) =>
      ok(await disablePractitioner(services, id('practitioner'), head)),
  }),
  route({
    method: 'post',
    path: '/practitioners/{practitioner}/enable',
    operation: 'enablePractitioner',
    tag: 'people',
    summary: { fr: 'Réactiver un praticien', en: 'Enable a practitioner again' },
    answers: { 200: practitioner },
    refusals: ['not_found'],
    loosens: async ({ services, id }) => {
      const found = await findPractitioner(services, id('practitioner'))
      if (!found) throw new Refusal('not_found', {})
      return { kind: 'enable-practitioner', practitioner: found.id }
    },
  }),
  route({
    method: 'post',
    path: '/practitioners/{practitioner}/invitation',
    operation: 'invitePractitioner',
    tag: 'people',
    summary: {
      fr: 'Un lien à usage unique pour sa première clé d’accès ; à qui en a une, il faut celle d’un opérateur',
      en: 'A one-time link for a first passkey; for who has one already it takes an operator’s',
    },
    body: invitationBody,
    answers: { 201: invitation },
    refusals: ['not_found'],
    loosens: async ({ services, id, body }) => {
      const holder = { kind: 'practitioner', id: id('practitioner') } as const
      return (await holdsCredential(services, holder)) ? { kind: 'invite', holder, ...body } : undefined
    },
    handle: async ({ services, id, body, head }) => {
      const holder = { kind: 'practitioner', id: id('practitioner') } as const
      return created(await inviteHolder(services, { holder, purpose: 'enrol', ...body }, head))
    },
  }),
  route({
    method: 'get',
    path: '/memberships',
    operation: 'listMemberships',
    tag: 'people',
    summary: { fr: 'Les rattachements, présents et passés', en: 'Memberships, present and past' },
    query: pageQuery.extend({
      practitioner: idShape('practitioner').optional(),
      practice: idShape('practice').optional(),
    }),
    answers: { 200: listOf(membership) },
    refusals: [],
    handle: async ({ services, query }) => {
      const of = { practitioner: query.practitioner, practice: query.practice }
      return ok(pageOf(await listMemberships(services, of), query, ({ id }) => id))
    },
  }),
  route({
    method: 'post',
    path: '/practitioners/{practitioner}/memberships',
    operation: 'addMembership',
    tag: 'people',
    summary: {
      fr: 'Rattacher un praticien à un cabinet ; plus de dix médecins pour un secrétariat demande une clé d’accès',
      en: 'Make a practitioner a member of a practice; more than ten doctors for a secretary ask for a passkey',
    },
    body: newMembership.safeExtend({ practice: idShape('practice') }),
    answers: { 201: membership },
    refusals: ['not_found'],
    loosens: ({ id, body: { practice, ...fields } }) =>
      fields.doctors > plainDoctors
        ? { kind: 'add-membership', practitioner: id('practitioner'), practice, membership: fields }
        : undefined,
    handle: async ({ services, id, body: { practice, ...fields }, head }) =>
      created(await addMembership(services, id('practitioner'), practice, fields, head)),
  }),
  route({
    method: 'post',
    path: '/memberships/{membership}/end',
    operation: 'endMembership',
    tag: 'people',
    summary: {
      fr: 'Mettre fin à un rattachement, maintenant ou plus tard, jamais après la fin déjà dite',
      en: 'End a membership, now or later, never after an end already set',
    },
    body: z.strictObject({ endAt: at.optional() }),
    answers: { 200: membership },
    refusals: ['not_found'],
    handle: async ({ services, id, body, head }) =>
      ok(await endMembership(services, id('membership'), body.endAt ?? head.at, head)),
  }),
]
