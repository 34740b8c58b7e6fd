/** Initial access tokens: with one, clients register themselves within what it says (RFC 7591). */

import { z } from 'zod'
import {
  listRegistrationTokens,
  mintRegistrationToken,
  newRegistrationToken,
  revokeRegistrationToken,
} from '../clients/registration-token-store.ts'
import { listOf, pageOf, pageQuery } from './paging.ts'
import { created, ok, route, type AdminRoute } from './route.ts'
import { registrationToken } from './shapes.ts'

export const registrationTokenRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/registration-tokens',
    operation: 'listRegistrationTokens',
    tag: 'clients',
    summary: {
      fr: 'Les jetons avec lesquels des applications peuvent encore s’enregistrer',
      en: 'Tokens with which clients may still register themselves',
    },
    query: pageQuery,
    answers: { 200: listOf(registrationToken) },
    refusals: [],
    handle: async ({ services: { db, clock }, query }) =>
      ok(pageOf(await listRegistrationTokens(db, clock.now()), query, ({ id }) => id)),
  }),
  route({
    method: 'post',
    path: '/registration-tokens',
    operation: 'mintRegistrationToken',
    tag: 'clients',
    summary: {
      fr: 'Permettre à des applications de s’enregistrer elles-mêmes ; le jeton n’est montré qu’une fois',
      en: 'Let clients register themselves; the token is shown once only',
    },
    body: newRegistrationToken,
    answers: { 201: registrationToken.extend({ token: z.string() }) },
    refusals: [],
    handle: async ({ services, operator, body, head }) =>
      created(await mintRegistrationToken(services, operator, body, head)),
  }),
  route({
    method: 'post',
    path: '/registration-tokens/{registrationToken}/revoke',
    operation: 'revokeRegistrationToken',
    tag: 'clients',
    summary: {
      fr: 'Ne plus laisser personne s’enregistrer avec ce jeton',
      en: 'Let nobody register with this token any more',
    },
    answers: { 200: z.strictObject({ revoked: z.string() }) },
    refusals: ['not_found'],
    handle: async ({ services, id, head }) => {
      const revoked = id('registrationToken')
      await revokeRegistrationToken(services.db, revoked, head)
      return ok({ revoked })
    },
  }),
]
