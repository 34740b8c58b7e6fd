/** Why a program cannot be used with a client, and what to change where that can be changed. */

const fr = {
  disabled: 'L’application est désactivée.',
  noResource: 'L’application n’a accès à aucune API protégée d’ici : ajoutez-lui une audience d’abord.',
  unprintable: 'Une adresse de l’application contient un caractère invisible : corrigez-la d’abord.',
  peopleOnly: 'Ce programme connecte des personnes ; l’application agit sans personne.',
  signedRequests: 'L’application doit signer ses demandes, ce que cette configuration ne fait pas.',
  authentication: 'Ce programme ne sait pas se prouver de la manière que l’application exige.',
  dpop: 'L’application lie ses jetons à une clé (DPoP), ce que ce programme ne sait pas faire.',
  pushed: 'L’application doit déposer ses demandes (PAR), ce que ce programme ne sait pas faire.',
  severalResources:
    'L’application a plusieurs audiences, et ce programme ne sait pas dire laquelle il demande : enregistrez-la avec une seule.',
  returnsTo: 'Ce programme impose la forme de son adresse de retour : ',
  idTokenAlgorithm: 'Ce programme ne vérifie pas les jetons d’identité signés ainsi : choisissez RS256.',
  cannotHold: 'Une adresse de l’application contient des signes que ce format lirait comme une variable.',
  publicOnly: 'Ce programme tourne dans un navigateur, qui ne garde aucun secret : il faut smart-public.',
  notFhir: 'Ce programme demande une API FHIR dont l’audience est l’adresse où elle est servie.',
  needsOpenid: 'Ce programme demande la portée openid, que l’application n’a pas.',
  needsKeyAddress: 'Ce programme signe avec ses propres clés : l’application doit les donner par adresse.',
} as const

export type Why = keyof typeof fr

const en: Record<Why, string> = {
  disabled: 'The application is disabled.',
  noResource: 'The application has access to no protected API here: give it an audience first.',
  unprintable: 'An address of the application holds an invisible character: correct it first.',
  peopleOnly: 'This program signs people in; the application acts without anybody.',
  signedRequests: 'The application must sign its requests, which this configuration does not do.',
  authentication: 'This program cannot prove itself in the way the application demands.',
  dpop: 'The application binds its tokens to a key (DPoP), which this program cannot do.',
  pushed: 'The application must push its requests (PAR), which this program cannot do.',
  severalResources:
    'The application has several audiences, and this program cannot say which one it asks for: register it with one only.',
  returnsTo: 'This program imposes the form of its return address: ',
  idTokenAlgorithm: 'This program does not verify identity tokens signed that way: choose RS256.',
  cannotHold: 'An address of the application holds signs that this format would read as a variable.',
  publicOnly: 'This program runs in a browser, which keeps no secret: it takes smart-public.',
  notFhir: 'This program asks for a FHIR API whose audience is the address where it is served.',
  needsOpenid: 'This program asks for the scope openid, which the application does not have.',
  needsKeyAddress: 'This program signs with keys of its own: the application must give them by address.',
}

export const recipeTexts: Record<'fr' | 'en', Record<Why, string>> = { fr, en }
