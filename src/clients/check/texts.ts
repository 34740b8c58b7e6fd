/** Why an address fails, in words, and what to do about it. */

import { refusalRow } from '../../core/refusal.ts'
import type { Language } from '../../core/language.ts'
import type { Finding } from './finding.ts'
import type { DifferenceKind } from './redirect-difference.ts'

type Words = { [K in Finding['kind']]: (finding: Extract<Finding, { kind: K }>) => string }

const listed = (names: string[]): string => [names].flat().join(', ')

const fr = {
  say: {
    'no-address': () => 'Ce n’est pas une adresse : collez-la en entier, https:// compris.',
    elsewhere: ({ found, expected }) => `Elle mène à ${found} et non à ${expected}.`,
    secret: ({ parameter }) =>
      `${parameter} est un secret et n’a rien à faire dans une adresse : remplacez-le, il a été vu.`,
    repeated: ({ parameter }) => `${parameter} y figure plusieurs fois : une seule est permise.`,
    unreadable: ({ parameter }) => `${parameter} contient un signe illisible.`,
    'client-missing': () => 'client_id manque : l’application ne dit pas qui elle est.',
    'client-unknown': ({ id, like }) =>
      `Aucune application ne s’appelle ${id}${like === undefined ? '' : ` ; peut-être ${like}`}.`,
    'client-disabled': ({ id }) => `L’application ${id} est désactivée.`,
    'redirect-missing': () => 'redirect_uri manque.',
    'redirect-none': () => 'L’application n’a aucune adresse de retour enregistrée.',
    'redirect-differs': ({ difference }) =>
      `L’adresse de retour diffère au caractère ${(difference?.at ?? 0) + 1}.`,
    'pushed-name': () =>
      'La demande a été déposée (PAR) : ses paramètres ne sont pas dans l’adresse, et son nom ne sert qu’une fois, dans la minute.',
    'push-required': () =>
      'Cette application doit déposer ses demandes (PAR) avant d’envoyer le navigateur ici.',
    'signed-object': () =>
      'La demande est signée (JAR) : ses paramètres sont dans l’objet, qui ne sert qu’une fois et n’est pas ouvert ici.',
    'sign-required': () => 'Cette application doit signer ses demandes (JAR).',
    'no-sign-in': () => 'L’application n’est pas enregistrée pour connecter des personnes.',
    'response-type': ({ value }) => `response_type vaut « ${value} » : seul code est accepté.`,
    'scope-missing': () => 'scope manque.',
    scope: ({ names }) => `Portées non enregistrées pour cette application : ${listed(names)}.`,
    'resource-missing': ({ audiences }) =>
      `resource manque : l’application a plusieurs audiences ou aucune (${listed(audiences)}).`,
    resource: ({ value, audiences }) =>
      `${value} n’est pas une audience de l’application servie ici (${listed(audiences)}).`,
    'pkce-missing': () => 'code_challenge manque : PKCE est exigé.',
    'pkce-method': () => 'code_challenge_method doit valoir S256.',
    'pkce-shape': () =>
      'code_challenge doit compter 43 caractères de base64url : le condensat SHA-256 du secret, sans « = ».',
    value: ({ parameter }) => `La valeur de ${parameter} n’est pas acceptée.`,
    refused: ({ reason }) => refusalRow(reason)?.fr ?? '',
  } satisfies Words as Words,
  differences: {
    space: 'Une espace de trop au début ou à la fin.',
    fragment: 'Un fragment (#) de trop.',
    'trailing-slash': 'La barre oblique finale.',
    scheme: 'http au lieu de https, ou l’inverse.',
    case: 'Des majuscules et des minuscules.',
    encoding: 'L’encodage (%…) : les adresses sont comparées telles qu’écrites.',
    loopback: 'localhost, 127.0.0.1 et [::1] ne sont pas interchangeables.',
    port: 'Le port.',
    host: 'Le nom d’hôte.',
    path: 'Le chemin.',
    query: 'Ce qui suit le point d’interrogation.',
    other: 'Une autre différence.',
  } satisfies Record<DifferenceKind, string> as Record<DifferenceKind, string>,
  sound: 'Rien à redire à cette adresse. Si elle échoue, la raison tient à la personne ou à une restriction.',
}

const en: typeof fr = {
  say: {
    'no-address': () => 'This is no address: paste all of it, https:// included.',
    elsewhere: ({ found, expected }) => `It leads to ${found} and not to ${expected}.`,
    secret: ({ parameter }) =>
      `${parameter} is a secret and has no place in an address: replace it, it has been seen.`,
    repeated: ({ parameter }) => `${parameter} stands there more than once: once is allowed.`,
    unreadable: ({ parameter }) => `${parameter} holds an unreadable sign.`,
    'client-missing': () => 'client_id is missing: the application does not say who it is.',
    'client-unknown': ({ id, like }) =>
      `No application is called ${id}${like === undefined ? '' : `; perhaps ${like}`}.`,
    'client-disabled': ({ id }) => `The application ${id} is disabled.`,
    'redirect-missing': () => 'redirect_uri is missing.',
    'redirect-none': () => 'The application has no return address registered.',
    'redirect-differs': ({ difference }) => `The return address differs at character ${difference.at + 1}.`,
    'pushed-name': () =>
      'The request was pushed (PAR): its parameters are not in the address, and its name works once, within a minute.',
    'push-required': () => 'This application must push its requests (PAR) before it sends the browser here.',
    'signed-object': () =>
      'The request is signed (JAR): its parameters are in the object, which works once and is not opened here.',
    'sign-required': () => 'This application must sign its requests (JAR).',
    'no-sign-in': () => 'The application is not registered to sign people in.',
    'response-type': ({ value }) => `response_type is “${value}”: only code is accepted.`,
    'scope-missing': () => 'scope is missing.',
    scope: ({ names }) => `Scopes not registered for this application: ${listed(names)}.`,
    'resource-missing': ({ audiences }) =>
      `resource is missing: the application has several audiences or none (${listed(audiences)}).`,
    resource: ({ value, audiences }) =>
      `${value} is no audience of the application that is served here (${listed(audiences)}).`,
    'pkce-missing': () => 'code_challenge is missing: PKCE is required.',
    'pkce-method': () => 'code_challenge_method must be S256.',
    'pkce-shape': () =>
      'code_challenge must be 43 characters of base64url: the SHA-256 of the secret, without “=”.',
    value: ({ parameter }) => `The value of ${parameter} is not accepted.`,
    refused: ({ reason }) => refusalRow(reason).en,
  },
  differences: {
    space: 'A space too many at the beginning or the end.',
    fragment: 'A fragment (#) too many.',
    'trailing-slash': 'The slash at the end.',
    scheme: 'http instead of https, or the other way round.',
    case: 'Capitals and small letters.',
    encoding: 'The encoding (%…): addresses are compared as they are written.',
    loopback: 'localhost, 127.0.0.1 and [::1] do not stand for each other.',
    port: 'The port.',
    host: 'The host name.',
    path: 'The path.',
    query: 'What follows the question mark.',
    other: 'Another difference.',
  },
  sound: 'Nothing is wrong with this address. If it fails, the reason is the person or a restriction.',
}

export const checkTexts: Record<Language, typeof fr> = { fr, en }

/** A sentence; of a return address also what kind of difference it is. */
export function sayFinding(finding: Finding, language: Language): string {
  const { say, differences } = checkTexts[language]
  const words = (say[finding.kind] as (finding: Finding) => string)(finding)
  return finding.kind === 'redirect-differs' ? `${words} ${differences[finding.difference.kind]}` : words
}
