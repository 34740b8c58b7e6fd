/** What the security desk had to look at in those two weeks: small things, each with its end. */

import type { AuditEvent } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type RestrictionId } from '../core/ids.ts'
import { days, hours, minutes, type Seconds } from '../core/time.ts'
import { stepUp } from '../people/session.ts'
import { lift, restrict } from '../restrictions/store.ts'
import { actOnFinding } from '../risk/finding-store.ts'
import type { Services } from '../services.ts'
import { operatorOf, type CastInGarde, type Player } from './cast-in-garde.ts'
import { authorise, headOf, networks, signIn, type Act, type Past } from './past-acts.ts'

export function incidentsOfThePast(past: Past, now: Seconds): Act[] {
  const morning = (daysAgo: number) => now - (now % days(1)) - days(daysAgo) + hours(9)
  return [
    ...deskLeftOpen(past, morning(5)),
    ...tooFast(past, morning(3)),
    ...longDay(past, now - hours(5)),
    ...wrongFinger(past, morning(6)),
    ...nextDoor(past, morning(2)),
  ]
}

const player = (cast: CastInGarde, key: string): Player => {
  const found = cast.players.get(key)
  if (!found) throw new Error(`${key} is not in the cast`)
  return found
}
const practitioner = ({ holder }: Player) => {
  if (holder.kind !== 'practitioner') throw new Error('expected a practitioner')
  return holder
}

/** A workstation left open at the reception: reading only, until somebody has looked. */
function deskLeftOpen({ cast }: Past, at: Seconds): Act[] {
  let made: RestrictionId | undefined
  return [
    {
      at: at + minutes(40),
      run: async (services) => {
        const { restriction } = await restrict(
          services,
          { kind: 'operator', id: operatorOf(cast, 'aurore') },
          {
            selector: { practitioner: practitioner(player(cast, 'julie')).id },
            effect: { kind: 'read-only' },
            endsSessions: false,
            reason: 'Poste d’accueil resté ouvert, vérification avec le cabinet',
            message: {
              fr: 'Lecture seule le temps d’une vérification avec votre cabinet.',
              en: 'Read only while we check with your practice.',
            },
          },
        )
        made = restriction.id
      },
    },
    {
      at: at + minutes(85),
      run: async (services) => {
        if (made)
          await lift(
            services,
            { kind: 'operator', id: operatorOf(cast, 'bastien') },
            { restriction: made, reason: 'Vérifié par téléphone : personne n’a touché au poste' },
          )
      },
    },
  ]
}

/** A locum who opened eleven records in five minutes, and confirmed with a passkey. */
function tooFast(past: Past, at: Seconds): Act[] {
  const yann = player(past.cast, 'yann')
  return [
    {
      at: at + minutes(130),
      run: async (services) => {
        const session = await signIn(services, past, yann, 'msp-de-la-garenne')
        await actOnFinding(services, {
          id: mintId('finding'),
          rule: 'patients-5min',
          practitioner: practitioner(yann).id,
          practice: past.cast.practices['msp-de-la-garenne'],
          session: session.id,
          access: 'opened',
          value: 11,
          threshold: 10,
          windowSeconds: minutes(5),
          action: 'step-up',
          observed: false,
          at: services.clock.now(),
        })
        await stepUp(services, session, session, headOf(services, session))
      },
    },
  ]
}

/** A secretary's long day: only a note. */
function longDay(past: Past, at: Seconds): Act[] {
  const sophie = player(past.cast, 'sophie')
  return [
    {
      at,
      run: async (services) => {
        const session = await signIn(services, past, sophie, 'cabinet-des-tilleuls')
        await actOnFinding(services, {
          id: mintId('finding'),
          rule: 'patients-24h-note',
          practitioner: practitioner(sophie).id,
          practice: past.cast.practices['cabinet-des-tilleuls'],
          session: session.id,
          access: 'opened',
          value: 151,
          threshold: 150,
          windowSeconds: days(1),
          action: 'notice',
          observed: false,
          at: services.clock.now(),
        })
      },
    },
  ]
}

/** A passkey that did not verify, twice, then did. */
function wrongFinger({ cast }: Past, at: Seconds): Act[] {
  const thomas = practitioner(player(cast, 'thomas'))
  return [3, 4].map((minute) => ({
    at: at + minutes(minute),
    run: (services: Services) =>
      record(services.db, {
        at: services.clock.now(),
        request: mintId('request'),
        network: networks['infirmiers-du-canal'],
        actor: { kind: 'stranger' },
        kind: 'signin.failed',
        holder: thomas,
        reason: 'passkey_invalid',
        factor: 'passkey',
      } satisfies AuditEvent),
  }))
}

/** Somebody asked for a patient of another practice by number, and was refused. */
function nextDoor(past: Past, at: Seconds): Act[] {
  const louis = player(past.cast, 'louis')
  const [membership] = louis.memberships
  const patient = past.patients['cabinet-des-tilleuls'][3]
  return [
    {
      at: at + minutes(15),
      run: async (services) => {
        if (!membership || patient === undefined) return
        const session = await signIn(services, past, louis, membership.practice)
        const access = await authorise(services, past, session, membership)
        await record(services.db, {
          ...headOf(services, session),
          ...access,
          kind: 'access.refused',
          reason: 'other_practice',
          patient: past.pseudonyms.pseudonymOf(`${past.resource.name}/Patient/${patient}`),
        })
      },
    },
  ]
}
