/** The security team. Who becomes an operator can lift anything, so a token cannot make one. */

import { disableOperator, listOperators, newOperator } from '../people/operators.ts'
import { Refusal } from '../core/refusal.ts'
import { findHolder } from '../people/holder.ts'
import { invitationBody } from './invitation.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { ok, route, type AdminRoute } from './route.ts'
import { invitation, operator } from './shapes.ts'

export const operatorRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/operators',
    operation: 'listOperators',
    tag: 'operators',
    summary: { fr: 'Les opérateurs', en: 'Operators' },
    query: pageQuery,
    answers: { 200: listOf(operator) },
    refusals: [],
    handle: async ({ services, query }) => ok(pageOf(await listOperators(services), query, ({ id }) => id)),
  }),
  route({
    method: 'post',
    path: '/operators',
    operation: 'createOperator',
    tag: 'operators',
    summary: { fr: 'Créer un opérateur', en: 'Create an operator' },
    body: newOperator,
    answers: { 201: operator },
    refusals: ['conflict'],
    loosens: ({ body }) => ({ kind: 'create-operator', operator: body }),
  }),
  route({
    method: 'post',
    path: '/operators/{operator}/invitation',
    operation: 'inviteOperator',
    tag: 'operators',
    summary: {
      fr: 'Un lien à usage unique pour la clé d’accès d’un opérateur',
      en: 'A one-time link for an operator’s passkey',
    },
    body: invitationBody,
    answers: { 201: invitation },
    refusals: ['not_found'],
    loosens: async ({ services, id, body }) => {
      const holder = { kind: 'operator', id: id('operator') } as const
      if (!(await findHolder(services, holder))) throw new Refusal('not_found', { operator: holder.id })
      return { kind: 'invite', holder, ...body }
    },
  }),
  route({
    method: 'post',
    path: '/operators/{operator}/disable',
    operation: 'disableOperator',
    tag: 'operators',
    summary: {
      fr: 'Désactiver un opérateur et fermer ses sessions ; jamais le dernier',
      en: 'Disable an operator and end their sessions; never the last one',
    },
    answers: { 200: operator },
    refusals: ['not_found', 'last_commander'],
    handle: async ({ services, id, head }) => ok(await disableOperator(services, id('operator'), head)),
  }),
]
