/**
 * Every way the product says no, on one screen. A refusal is thrown; `detail` goes to the log and the audit and never
 * out. Several reasons share one public text on purpose, so that the text tells a stranger nothing.
 * `oauth` is the error word of RFC 6749, 6750, 7591, 8628, 8693, 9101, 9126, 9449 or 9470; `fhir` the IssueType of an
 * OperationOutcome.
 */

export interface RefusalRow {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 423 | 429 | 502 | 503 | 504
  oauth?: string
  fhir: string
  /** Said again and again in the course of what goes well: it stands in no audit. */
  routine?: true
  fr: string
  en: string
}

const signInFailed = {
  fr: 'La connexion n’a pas abouti. Vérifiez et réessayez.',
  en: 'Sign-in did not succeed. Check and try again.',
}
const linkSpent = {
  fr: 'Ce lien n’est plus valable. Demandez-en un nouveau.',
  en: 'This link is no longer valid. Ask for a new one.',
}
const notAllowed = { fr: 'Cet accès n’est pas autorisé.', en: 'This access is not allowed.' }
const badRequest = { fr: 'La demande n’est pas valable.', en: 'The request is not valid.' }
const badToken = { fr: 'Le jeton n’est pas valable.', en: 'The token is not valid.' }
const badProof = {
  fr: 'La preuve de possession n’est pas valable.',
  en: 'The proof of possession is not valid.',
}
const badGrant = { fr: 'L’autorisation n’est pas valable.', en: 'The grant is not valid.' }
const badClient = { fr: 'L’application n’est pas reconnue.', en: 'The client is not recognised.' }
const ourFault = {
  fr: 'Le service ne peut pas répondre. Réessayez dans un instant.',
  en: 'The service cannot answer. Try again shortly.',
}
const signInFirst = { fr: 'Connectez-vous pour continuer.', en: 'Sign in to continue.' }

export const refusals = {
  // requests as such
  malformed_request: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badRequest },
  malformed_id: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badRequest },
  repeated_parameter: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badRequest },
  unsupported_media_type: { status: 415, oauth: 'invalid_request', fhir: 'not-supported', ...badRequest },
  too_large: {
    status: 413,
    oauth: 'invalid_request',
    fhir: 'too-long',
    fr: 'La demande est trop grande.',
    en: 'The request is too large.',
  },
  not_found: { status: 404, fhir: 'not-found', fr: 'Rien à cette adresse.', en: 'Nothing at this address.' },
  method_not_allowed: {
    status: 405,
    fhir: 'not-supported',
    fr: 'Cette méthode n’est pas permise ici.',
    en: 'This method is not allowed here.',
  },
  conflict: {
    status: 409,
    fhir: 'conflict',
    fr: 'L’état a changé entre-temps. Rechargez la page.',
    en: 'The state has changed meanwhile. Reload the page.',
  },
  cross_site: {
    status: 403,
    fhir: 'forbidden',
    fr: 'Cette page doit être ouverte depuis Garde.',
    en: 'This page must be used from Garde itself.',
  },
  slowed: {
    status: 429,
    oauth: 'temporarily_unavailable',
    fhir: 'throttled',
    fr: 'Trop d’essais depuis ce réseau. Patientez un instant.',
    en: 'Too many attempts from this network. Wait a moment.',
  },
  too_many_open: {
    status: 429,
    fhir: 'throttled',
    fr: 'Trop de demandes en même temps. Réessayez dans un instant.',
    en: 'Too many requests at the same time. Try again in a moment.',
  },
  // sign-in and enrolment: one joint text
  challenge_invalid: { status: 400, fhir: 'login', ...signInFailed },
  passkey_unknown: { status: 400, fhir: 'login', ...signInFailed },
  passkey_invalid: { status: 400, fhir: 'login', ...signInFailed },
  secret_or_code_wrong: { status: 400, fhir: 'login', ...signInFailed },
  factor_locked: { status: 400, fhir: 'login', ...signInFailed },
  secret_sign_in_off: { status: 400, fhir: 'login', ...signInFailed },
  no_membership: {
    status: 403,
    oauth: 'access_denied',
    fhir: 'forbidden',
    fr: 'Aucun cabinet ne vous est ouvert aujourd’hui.',
    en: 'No practice is open to you today.',
  },
  enrolment_spent: { status: 410, fhir: 'expired', ...linkSpent },
  enrolment_expired: { status: 410, fhir: 'expired', ...linkSpent },
  enrolment_unknown: { status: 410, fhir: 'expired', ...linkSpent },
  weak_secret: {
    status: 400,
    fhir: 'invalid',
    fr: 'Choisissez un mot de passe de 8 caractères ou plus, peu courant.',
    en: 'Choose a password of 8 characters or more that is not a common one.',
  },
  passkey_known: {
    status: 409,
    fhir: 'duplicate',
    fr: 'Cette clé d’accès est déjà enregistrée.',
    en: 'This passkey is already registered.',
  },
  last_credential: {
    status: 409,
    fhir: 'conflict',
    fr: 'C’est votre seule clé d’accès : ajoutez-en une autre d’abord.',
    en: 'This is your only passkey: add another first.',
  },
  // sessions and operators
  session_required: { status: 401, fhir: 'login', ...signInFirst },
  operator_required: { status: 403, fhir: 'forbidden', ...notAllowed },
  fresh_passkey_required: {
    status: 403,
    fhir: 'login',
    fr: 'Confirmez avec votre clé d’accès pour continuer.',
    en: 'Confirm with your passkey to continue.',
  },
  admin_token_invalid: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  last_commander: {
    status: 409,
    fhir: 'business-rule',
    fr: 'Le dernier opérateur ne peut pas être restreint.',
    en: 'The last operator cannot be restricted.',
  },
  restriction_invalid: {
    status: 400,
    fhir: 'invalid',
    fr: 'Cette restriction n’est pas valable.',
    en: 'This restriction is not valid.',
  },
  restriction_not_active: {
    status: 409,
    fhir: 'conflict',
    fr: 'Cette restriction n’est plus active.',
    en: 'This restriction is no longer active.',
  },
  // OAuth (RFC 6749 §4.1.2.1, §5.2)
  client_unknown: { status: 400, oauth: 'invalid_client', fhir: 'unknown', ...badClient },
  client_authentication_failed: { status: 401, oauth: 'invalid_client', fhir: 'login', ...badClient },
  redirect_uri_mismatch: {
    status: 400,
    oauth: 'invalid_request',
    fhir: 'invalid',
    fr: 'L’adresse de retour n’est pas celle qui est enregistrée.',
    en: 'The return address is not the registered one.',
  },
  unsupported_response_type: {
    status: 400,
    oauth: 'unsupported_response_type',
    fhir: 'invalid',
    ...badRequest,
  },
  unsupported_grant_type: { status: 400, oauth: 'unsupported_grant_type', fhir: 'invalid', ...badRequest },
  grant_type_not_allowed: { status: 400, oauth: 'unauthorized_client', fhir: 'forbidden', ...badRequest },
  token_not_revocable: { status: 400, oauth: 'unsupported_token_type', fhir: 'not-supported', ...badRequest },
  pkce_required: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badRequest },
  scope_not_allowed: { status: 400, oauth: 'invalid_scope', fhir: 'invalid', ...badRequest },
  resource_unknown: { status: 400, oauth: 'invalid_target', fhir: 'invalid', ...badRequest },
  request_object_unsupported: {
    status: 400,
    oauth: 'request_not_supported',
    fhir: 'not-supported',
    ...badRequest,
  },
  request_object_invalid: { status: 400, oauth: 'invalid_request_object', fhir: 'invalid', ...badRequest },
  signed_request_required: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badRequest },
  request_uri_unsupported: {
    status: 400,
    oauth: 'request_uri_not_supported',
    fhir: 'not-supported',
    ...badRequest,
  },
  request_uri_invalid: {
    status: 400,
    oauth: 'invalid_request_uri',
    fhir: 'expired',
    fr: 'Cette demande de connexion a déjà servi ou a expiré. Recommencez depuis votre logiciel.',
    en: 'This sign-in request was used already or has expired. Start again from your application.',
  },
  /** SMART App Launch 2.2: unknown, used, expired, or made for somebody else. */
  launch_invalid: {
    status: 400,
    oauth: 'invalid_request',
    fhir: 'expired',
    fr: 'Cette ouverture a déjà servi ou a expiré. Recommencez depuis votre logiciel.',
    en: 'This launch was used already or has expired. Start again from your application.',
  },
  launch_not_allowed: { status: 403, oauth: 'access_denied', fhir: 'forbidden', ...notAllowed },
  pushed_request_required: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badRequest },
  login_required: { status: 400, oauth: 'login_required', fhir: 'login', ...signInFirst },
  interaction_required: { status: 400, oauth: 'interaction_required', fhir: 'login', ...signInFirst },
  account_selection_required: {
    status: 400,
    oauth: 'account_selection_required',
    fhir: 'login',
    ...signInFirst,
  },
  consent_required: { status: 400, oauth: 'consent_required', fhir: 'login', ...signInFirst },
  /** OpenID Connect Core Unmet Authentication Requirements 1.0, RFC 9470 §5. */
  authentication_unmet: {
    status: 403,
    oauth: 'unmet_authentication_requirements',
    fhir: 'login',
    fr: 'L’application demande une connexion plus forte que celle que vous pouvez faire ici.',
    en: 'The application asks for a stronger sign-in than you can make here.',
  },
  consent_denied: { status: 403, oauth: 'access_denied', fhir: 'forbidden', ...notAllowed },
  interaction_expired: {
    status: 400,
    oauth: 'access_denied',
    fhir: 'expired',
    fr: 'Cette demande de connexion a expiré. Recommencez depuis votre logiciel.',
    en: 'This sign-in request has expired. Start again from your application.',
  },
  code_invalid: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  code_reused: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  pkce_mismatch: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  refresh_invalid: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  refresh_reused: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  grant_ended: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  // devices that wait for somebody (RFC 8628 §3.3, §3.5)
  authorization_pending: {
    status: 400,
    oauth: 'authorization_pending',
    fhir: 'login',
    routine: true,
    ...signInFirst,
  },
  slow_down: { status: 400, oauth: 'slow_down', fhir: 'throttled', ...signInFirst },
  device_code_expired: { status: 400, oauth: 'expired_token', fhir: 'expired', ...badGrant },
  device_denied: { status: 400, oauth: 'access_denied', fhir: 'forbidden', ...notAllowed },
  device_code_invalid: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  device_code_reused: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  user_code_unknown: {
    status: 400,
    fhir: 'invalid',
    fr: 'Ce code n’est pas valable, ou ne l’est plus. Vérifiez-le sur l’appareil, ou demandez-en un autre.',
    en: 'This code is not valid, or no longer. Check it on the device, or ask for another.',
  },
  // services that act for a person (RFC 8693 §2.2.2)
  subject_token_invalid: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badToken },
  actor_token_invalid: { status: 400, oauth: 'invalid_request', fhir: 'invalid', ...badToken },
  acting_not_allowed: { status: 400, oauth: 'invalid_request', fhir: 'forbidden', ...badToken },
  // clients that register themselves (RFC 7591 §3.2.2, RFC 7592 §2)
  registration_token_invalid: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  redirect_uri_invalid: {
    status: 400,
    oauth: 'invalid_redirect_uri',
    fhir: 'invalid',
    fr: 'Une adresse de retour ne peut pas être enregistrée.',
    en: 'A return address cannot be registered.',
  },
  client_metadata_invalid: {
    status: 400,
    oauth: 'invalid_client_metadata',
    fhir: 'invalid',
    fr: 'La description de l’application n’est pas valable.',
    en: 'The description of the client is not valid.',
  },
  software_statement_unsupported: {
    status: 400,
    oauth: 'invalid_software_statement',
    fhir: 'not-supported',
    fr: 'Les attestations de logiciel ne sont pas prises en charge.',
    en: 'Software statements are not supported.',
  },
  registration_widens: {
    status: 400,
    oauth: 'invalid_client_metadata',
    fhir: 'forbidden',
    fr: 'Ce changement donne davantage à l’application : un opérateur doit l’enregistrer.',
    en: 'This change gives the client more: an operator must save it.',
  },
  // proofs of possession (RFC 9449 §5, §7.1, §8, §9); the status is a resource's, the token endpoint says 400
  proof_required: { status: 400, oauth: 'invalid_dpop_proof', fhir: 'login', ...badProof },
  proof_invalid: { status: 401, oauth: 'invalid_dpop_proof', fhir: 'login', ...badProof },
  proof_replayed: { status: 401, oauth: 'invalid_dpop_proof', fhir: 'login', ...badProof },
  proof_nonce: {
    status: 401,
    oauth: 'use_dpop_nonce',
    fhir: 'login',
    fr: 'La preuve doit porter le nonce de cette réponse.',
    en: 'The proof must carry the nonce of this answer.',
  },
  proof_other_key: { status: 400, oauth: 'invalid_grant', fhir: 'invalid', ...badGrant },
  token_binding: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  // tokens at a resource (RFC 6750 §3.1, RFC 9470)
  token_missing: { status: 401, fhir: 'login', ...signInFirst },
  token_malformed: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  token_signature: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  token_expired: { status: 401, oauth: 'invalid_token', fhir: 'expired', ...badToken },
  token_audience: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  session_ended: { status: 401, oauth: 'invalid_token', fhir: 'login', ...badToken },
  step_up_required: {
    status: 401,
    oauth: 'insufficient_user_authentication',
    fhir: 'login',
    fr: 'Une nouvelle connexion est demandée pour continuer.',
    en: 'A fresh sign-in is needed to continue.',
  },
  insufficient_scope: { status: 403, oauth: 'insufficient_scope', fhir: 'forbidden', ...notAllowed },
  // restrictions, isolation, quotas
  restricted: {
    status: 423,
    oauth: 'access_denied',
    fhir: 'suppressed',
    fr: 'Votre accès est suspendu par mesure de sécurité.',
    en: 'Your access is suspended as a security measure.',
  },
  read_only: {
    status: 423,
    oauth: 'access_denied',
    fhir: 'suppressed',
    fr: 'Lecture seule : les écritures sont suspendues par mesure de sécurité.',
    en: 'Read only: writing is suspended as a security measure.',
  },
  patient_quota: {
    status: 423,
    fhir: 'throttled',
    fr: 'Plus aucun nouveau dossier pour l’instant ; ceux déjà ouverts restent lisibles.',
    en: 'No further new record for now; those already open stay readable.',
  },
  other_practice: { status: 403, fhir: 'suppressed', ...notAllowed },
  patient_unresolved: { status: 403, fhir: 'suppressed', ...notAllowed },
  ownership_immutable: {
    status: 403,
    fhir: 'business-rule',
    fr: 'On ne change pas à qui appartient un dossier.',
    en: 'Whom a record belongs to cannot be changed.',
  },
  route_unlisted: {
    status: 404,
    fhir: 'not-found',
    fr: 'Rien à cette adresse.',
    en: 'Nothing at this address.',
  },
  interaction_unlisted: { status: 403, fhir: 'not-supported', ...notAllowed },
  // the wire and our own faults
  ambiguous_path: { status: 400, fhir: 'invalid', ...badRequest },
  ambiguous_framing: { status: 400, fhir: 'invalid', ...badRequest },
  answer_uninspectable: {
    status: 502,
    fhir: 'exception',
    fr: 'Le dossier médical n’a pas répondu comme attendu.',
    en: 'The records system did not answer as expected.',
  },
  upstream_unreachable: {
    status: 502,
    fhir: 'transient',
    fr: 'Le dossier médical ne répond pas.',
    en: 'The records system does not answer.',
  },
  upstream_timeout: {
    status: 504,
    fhir: 'timeout',
    fr: 'Le dossier médical ne répond pas à temps.',
    en: 'The records system did not answer in time.',
  },
  audit_unavailable: { status: 503, oauth: 'temporarily_unavailable', fhir: 'transient', ...ourFault },
  state_unavailable: { status: 503, oauth: 'temporarily_unavailable', fhir: 'transient', ...ourFault },
} as const satisfies Record<string, RefusalRow>

export type Reason = keyof typeof refusals

export type RefusalDetail = Record<string, unknown>

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: Reason
  readonly detail: RefusalDetail
  constructor(reason: Reason, detail: RefusalDetail = {}) {
    super(reason)
    this.reason = reason
    this.detail = detail
  }
}

/** The table's row, widened so that optional columns can be read. */
export const refusalRow = (reason: Reason): RefusalRow => refusals[reason]
