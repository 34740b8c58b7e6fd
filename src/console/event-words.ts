/** What an event is called, how it is coloured, and the few facts of it that fit in a row. */

import type { AuditEvent, EventBody, EventKind } from '../audit/event.ts'
import type { Language } from '../core/language.ts'
import { reasonWords } from '../restrictions/restriction.ts'
import { ruleWords } from './pages.ts'
import { consoleTexts } from './texts.ts'
import type { Tone } from '../ui/components.ts'

interface Words {
  fr: string
  en: string
  tone?: Tone
}

export const eventWords: Record<EventKind, Words> = {
  'access.served': { fr: 'Dossier servi', en: 'Record served' },
  'access.answered': { fr: 'Réponse sans patient', en: 'Answer without patient' },
  'access.intent': { fr: 'Écriture annoncée', en: 'Write announced' },
  'access.settled': { fr: 'Écriture faite', en: 'Write done' },
  'access.refused': { fr: 'Accès refusé', en: 'Access refused', tone: 'caution' },
  'access.cut': { fr: 'Réponse interrompue', en: 'Answer cut short', tone: 'danger' },
  'patient.sealed': { fr: 'Référence scellée', en: 'Reference sealed' },
  'patient.asked': {
    fr: 'Identité d’un patient demandée',
    en: 'Identity of a patient asked for',
    tone: 'caution',
  },
  'patient.declined': { fr: 'Identité d’un patient refusée', en: 'Identity of a patient declined' },
  'patient.shown': { fr: 'Identité d’un patient lue', en: 'Identity of a patient read', tone: 'caution' },
  'patient.resolved': {
    fr: 'Identité d’un patient dévoilée',
    en: 'Identity of a patient revealed',
    tone: 'caution',
  },
  'session.started': { fr: 'Connexion', en: 'Sign-in', tone: 'good' },
  'session.stepped-up': { fr: 'Clé d’accès confirmée', en: 'Passkey confirmed', tone: 'good' },
  'session.ended': { fr: 'Session fermée', en: 'Session ended' },
  'signin.failed': { fr: 'Connexion manquée', en: 'Sign-in failed', tone: 'caution' },
  'factor.locked': { fr: 'Facteur bloqué', en: 'Factor locked', tone: 'danger' },
  'enrolment.invited': { fr: 'Invitation', en: 'Invitation' },
  'enrolment.used': { fr: 'Invitation utilisée', en: 'Invitation used' },
  'credential.added': { fr: 'Clé ou secret ajouté', en: 'Credential added', tone: 'info' },
  'credential.removed': { fr: 'Clé ou secret supprimé', en: 'Credential removed', tone: 'info' },
  'credential.renamed': { fr: 'Clé d’accès renommée', en: 'Passkey renamed' },
  'practice.saved': { fr: 'Cabinet modifié', en: 'Practice changed' },
  'practitioner.saved': { fr: 'Praticien modifié', en: 'Practitioner changed' },
  'membership.saved': { fr: 'Rattachement modifié', en: 'Membership changed' },
  'operator.saved': { fr: 'Opérateur modifié', en: 'Operator changed', tone: 'info' },
  'client.saved': { fr: 'Application modifiée', en: 'Application changed' },
  'registration-token.saved': {
    fr: 'Enregistrement d’applications par elles-mêmes',
    en: 'Self-registration of applications',
    tone: 'info',
  },
  'resource.saved': { fr: 'API protégée modifiée', en: 'Protected API changed' },
  'approval.requested': { fr: 'Accord demandé', en: 'Approval requested', tone: 'info' },
  'approval.declined': { fr: 'Demande refusée', en: 'Request declined', tone: 'info' },
  'admin-token.minted': { fr: 'Jeton d’administration créé', en: 'Admin token minted', tone: 'info' },
  'admin-token.revoked': {
    fr: 'Jeton d’administration révoqué',
    en: 'Admin token revoked',
    tone: 'info',
  },
  'grant.made': { fr: 'Application autorisée', en: 'Application authorised' },
  'grant.ended': { fr: 'Autorisation retirée', en: 'Authorisation ended' },
  'consent.forgotten': { fr: 'Application oubliée', en: 'Application forgotten' },
  'token.issued': { fr: 'Jeton émis', en: 'Token issued' },
  'device.denied': { fr: 'Appareil refusé', en: 'Device refused', tone: 'caution' },
  'logout.told': { fr: 'Application prévenue d’une déconnexion', en: 'Application told of a sign-out' },
  'logout.given-up': {
    fr: 'Application non prévenue',
    en: 'Application not told',
    tone: 'caution',
  },
  'logout.retried': { fr: 'Déconnexions renvoyées', en: 'Sign-outs sent again', tone: 'info' },
  'logout.dismissed': { fr: 'Déconnexion classée', en: 'Sign-out set aside', tone: 'info' },
  'service-token.issued': { fr: 'Jeton de service émis', en: 'Service token issued' },
  'key.created': { fr: 'Clé de signature créée', en: 'Signing key created', tone: 'info' },
  'key.state': { fr: 'Clé de signature modifiée', en: 'Signing key changed', tone: 'info' },
  'restriction.made': { fr: 'Accès coupé', en: 'Access cut', tone: 'danger' },
  'restriction.lifted': { fr: 'Restriction levée', en: 'Restriction lifted', tone: 'good' },
  finding: { fr: 'Constat', en: 'Finding', tone: 'caution' },
  refused: { fr: 'Demande refusée', en: 'Request refused', tone: 'caution' },
  'patients.queried': { fr: 'Recherche dans le journal', en: 'Log queried', tone: 'info' },
  'server.started': { fr: 'Serveur démarré', en: 'Server started' },
  'server.stopped': { fr: 'Serveur arrêté', en: 'Server stopped' },
}

export const nameEvent = (kind: EventKind, language: Language): string => eventWords[kind][language]

type Telling = {
  [K in EventKind]?: (
    event: Extract<EventBody, { kind: K }>,
    nameOf: (id: string) => string,
    language: Language,
  ) => string[]
}

/** Facts only, in the words of the log: ids become names, a patient stays a pseudonym cut short. */
const details: Telling = {
  'access.served': ({ patient, access, types, status, client }, nameOf) => [
    pseudonym(patient),
    access,
    Object.entries(types)
      .filter(([, count]) => count > 0)
      .map(([type, count]) => `${count} ${type}`)
      .join(', '),
    nameOf(client),
    String(status),
  ],
  'access.answered': ({ route, method, status }) => [`${method} ${route}`, String(status)],
  'access.intent': ({ route, method, patient }) => [`${method} ${route}`, patient ? pseudonym(patient) : ''],
  'access.settled': ({ route, method, status }) => [`${method} ${route}`, String(status)],
  'access.refused': ({ reason, route = '', method = '', patient }) => [
    reason,
    `${method} ${route}`.trim(),
    patient ? pseudonym(patient) : '',
  ],
  'patient.asked': ({ patient, reason }) => [pseudonym(patient), reason],
  'patient.declined': ({ patient }) => [pseudonym(patient)],
  'patient.shown': ({ patient }) => [pseudonym(patient)],
  'patient.resolved': ({ patient, operators, reason, outcome }, nameOf) => [
    pseudonym(patient),
    operators.map(nameOf).join(', '),
    reason,
    outcome,
  ],
  'access.cut': ({ route, method }) => [`${method} ${route}`],
  'session.started': ({ holder, acr, newDevice }, nameOf) => [
    nameOf(holder.id),
    acr,
    newDevice ? 'new device' : '',
  ],
  'session.stepped-up': ({ acr }) => [acr],
  'session.ended': ({ holder, cause }, nameOf) => [nameOf(holder.id), cause],
  'signin.failed': ({ holder, reason, factor }, nameOf) => [holder ? nameOf(holder.id) : '', factor, reason],
  'factor.locked': ({ holder, factor }, nameOf) => [nameOf(holder.id), factor],
  'enrolment.invited': ({ holder, purpose }, nameOf) => [nameOf(holder.id), purpose],
  'enrolment.used': ({ holder, purpose }, nameOf) => [nameOf(holder.id), purpose],
  'credential.added': ({ holder, factor }, nameOf) => [nameOf(holder.id), factor],
  'credential.removed': ({ holder, factor }, nameOf) => [nameOf(holder.id), factor],
  'credential.renamed': ({ holder }, nameOf) => [nameOf(holder.id)],
  'practice.saved': ({ practice, change }, nameOf) => [nameOf(practice), change],
  'practitioner.saved': ({ practitioner, change }, nameOf) => [nameOf(practitioner), change],
  'membership.saved': ({ practitioner, practice, role }, nameOf) => [
    nameOf(practitioner),
    nameOf(practice),
    role,
  ],
  'operator.saved': ({ operator, change }, nameOf) => [nameOf(operator), change],
  'admin-token.minted': ({ operator }, nameOf) => [nameOf(operator)],
  'admin-token.revoked': ({ operator }, nameOf) => [nameOf(operator)],
  'client.saved': ({ client, change }, nameOf) => [nameOf(client), change],
  'registration-token.saved': ({ token, change }) => [token, change],
  'grant.made': ({ client, practice, scope }, nameOf) => [nameOf(client), nameOf(practice), scope],
  'grant.ended': ({ cause }) => [cause],
  'consent.forgotten': ({ client }, nameOf) => [nameOf(client)],
  'token.issued': ({ client, by }, nameOf) => [nameOf(client), by],
  'device.denied': ({ client, deviceNetwork }, nameOf) => [nameOf(client), deviceNetwork],
  'logout.told': ({ client }, nameOf) => [nameOf(client)],
  'logout.given-up': ({ client, fault }, nameOf) => [nameOf(client), fault],
  'logout.retried': ({ client, deliveries }, nameOf) => [client ? nameOf(client) : '', String(deliveries)],
  'logout.dismissed': ({ client, reason }, nameOf) => [nameOf(client), reason],
  'service-token.issued': ({ client, practice, scope }, nameOf) => [nameOf(client), nameOf(practice), scope],
  'restriction.made': (made, _, language) => [
    `n° ${made.sequence}`,
    made.effect.kind,
    reasonWords(made, language),
  ],
  'approval.requested': ({ act = 'lift', reason = act }) => [reason],
  'approval.declined': ({ act = 'lift', reason = act }) => [reason],
  'restriction.lifted': ({ sequence, reason }) => [`n° ${sequence}`, reason],
  finding: ({ rule, value, threshold, window, action }, _, language) => [
    ruleWords(rule, consoleTexts[language]),
    `${value}/${threshold}`,
    window,
    action,
  ],
  refused: ({ reason, path }) => [reason, path],
  'patients.queried': ({ question, answers }) => [question, String(answers)],
  'server.started': ({ version }) => [version],
}

const pseudonym = (patient: string): string => `patient ${patient.slice(0, 10)}…`

/** Words of the log that a reader need not know; codes such as reasons stay what they are. */
const terms: Readonly<Record<string, { fr: string; en: string }>> = {
  opened: { fr: 'ouvert', en: 'opened' },
  listed: { fr: 'listé', en: 'listed' },
  'new device': { fr: 'nouvel appareil', en: 'new device' },
  'garde:passkey': { fr: 'clé d’accès', en: 'passkey' },
  'garde:passkey-hw': { fr: 'clé de sécurité', en: 'security key' },
  'garde:secret-otp': { fr: 'mot de passe et code', en: 'password and code' },
  passkey: { fr: 'clé d’accès', en: 'passkey' },
  'secret-code': { fr: 'mot de passe et code', en: 'password and code' },
  secret: { fr: 'mot de passe', en: 'password' },
  code: { fr: 'code', en: 'code' },
  refresh: { fr: 'renouvellement', en: 'refresh' },
  device: { fr: 'appareil', en: 'device' },
  exchange: { fr: 'échange', en: 'exchange' },
  'signed-out': { fr: 'déconnexion', en: 'signed out' },
  idle: { fr: 'sans activité', en: 'idle' },
  expired: { fr: 'durée écoulée', en: 'expired' },
  'not-me': { fr: '« ce n’était pas moi »', en: '“this was not me”' },
  operator: { fr: 'par un opérateur', en: 'by an operator' },
  clinician: { fr: 'soignant', en: 'clinician' },
  secretary: { fr: 'secrétaire', en: 'secretary' },
  manager: { fr: 'responsable', en: 'manager' },
  deny: { fr: 'tout refuser', en: 'refuse everything' },
  'read-only': { fr: 'lecture seule', en: 'read only' },
  'step-up': { fr: 'clé d’accès redemandée', en: 'fresh passkey' },
  quota: { fr: 'nombre de patients limité', en: 'patients limited' },
  notice: { fr: 'note', en: 'note' },
  stop: { fr: 'plus de nouveau patient', en: 'no new patient' },
  created: { fr: 'créé', en: 'created' },
  registered: { fr: 'enregistré', en: 'registered' },
  disabled: { fr: 'désactivé', en: 'disabled' },
  enabled: { fr: 'réactivé', en: 'enabled' },
  changed: { fr: 'modifié', en: 'changed' },
  minted: { fr: 'permis', en: 'allowed' },
  revoked: { fr: 'retirée', en: 'revoked' },
}

export function detailOf(event: AuditEvent, nameOf: (id: string) => string, language: Language): string {
  const tell = details[event.kind] as
    ((event: EventBody, nameOf: (id: string) => string, language: Language) => string[]) | undefined
  const who = 'id' in event.actor ? nameOf(event.actor.id) : ''
  const parts = tell ? tell(event, nameOf, language).filter((part) => part !== '' && part !== who) : []
  return parts.map((part) => terms[part]?.[language] ?? part).join(' · ')
}
