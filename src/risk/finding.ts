/** What a rule saw: numbers, threshold, what was done about it, and the sentences that say so. */

import type {
  ClientId,
  FindingId,
  PracticeId,
  PractitionerId,
  RestrictionId,
  SessionId,
} from '../core/ids.ts'
import { hours, type Seconds } from '../core/time.ts'
import type { Effect, Message, Selector } from '../restrictions/restriction.ts'
import type { Access, Action } from './rules.ts'

export interface Finding {
  id: FindingId
  rule: string
  /** Absent, like the session, where a service read for nobody: then `client` says which. */
  practitioner?: PractitionerId
  client?: ClientId
  practice: PracticeId
  session?: SessionId
  access: Access
  value: number
  threshold: number
  windowSeconds: Seconds
  action: Action
  /** The practice is new: what the rule would have done is only written down. */
  observed: boolean
  at: Seconds
  restriction?: RestrictionId
}

export const windowText = (seconds: Seconds): string =>
  seconds >= hours(1) ? `${seconds / 3600} h` : `${seconds / 60} min`

/** Whom it is about. */
export function whomOf({ id, practitioner, client }: Finding): Selector & { everything?: never } {
  if (practitioner) return { practitioner }
  if (!client) throw new Error(`finding ${id} is about nobody`)
  return { client }
}

/** Every automatic restriction ends by itself; an operator can lift it before. */
interface Automatic {
  effect: Effect
  selector: (finding: Finding) => Selector
  endsSessions: boolean
  lastsSeconds: Seconds
  message: (finding: Finding) => Message
}

const counted = ({ value, threshold, windowSeconds }: Finding) => ({
  value,
  threshold,
  window: windowText(windowSeconds),
})

export const automatic: Record<Exclude<Action, 'notice'>, Automatic> = {
  'step-up': {
    effect: { kind: 'step-up' },
    selector: whomOf,
    endsSessions: false,
    lastsSeconds: hours(24),
    message: (finding) => {
      const { threshold, window } = counted(finding)
      return {
        fr: `Plus de ${threshold} patients différents en ${window} : confirmez avec votre clé d’accès pour continuer.`,
        en: `More than ${threshold} different patients in ${window}: confirm with your passkey to continue.`,
      }
    },
  },
  stop: {
    effect: { kind: 'quota', patients: 0 },
    selector: whomOf,
    endsSessions: false,
    lastsSeconds: hours(24),
    message: (finding) => {
      const { threshold, window } = counted(finding)
      return {
        fr: `Plus de ${threshold} patients différents en ${window} : plus aucun nouveau dossier pendant 24 h, sauf décision de l’équipe sécurité. Les dossiers déjà ouverts restent lisibles.`,
        en: `More than ${threshold} different patients in ${window}: no further new record for 24 h, unless the security team decides otherwise. Records already open stay readable.`,
      }
    },
  },
  'end-session': {
    // The session is over whatever its proof; whoever signs in again only feels what still stands.
    effect: { kind: 'step-up' },
    selector: (finding) => (finding.session ? { session: finding.session } : whomOf(finding)),
    endsSessions: true,
    lastsSeconds: hours(12),
    message: ({ value }) => ({
      fr: `${value} dossiers d’un autre cabinet ont été demandés : cette session est terminée. Reconnectez-vous.`,
      en: `${value} records of another practice were asked for: this session has ended. Sign in again.`,
    }),
  },
}

/** For the console and the audit: rule, value, threshold, and who can undo it. */
export const reasonOf = (finding: Finding): string => {
  const { value, threshold, window } = counted(finding)
  return `${finding.rule}: ${value} in ${window}, threshold ${threshold}; ends by itself, or an operator lifts it`
}
