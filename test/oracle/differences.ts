/**
 * Where Garde and node-oidc-provider answer differently, and why each is right to. A row that is needed no more fails the
 * test, as does a difference without a row.
 */

export interface Difference {
  /** What was asked; a text whole, a pattern in part. */
  asked: string | RegExp
  field: string | RegExp
  /** What each says; `–` is nothing. Anything where left out. */
  garde?: string | RegExp
  peer?: string | RegExp
  /** The section of the standard, and why Garde is as it is. */
  why: string
}

const absent = '–'
const everywhere = /./

export const differences: readonly Difference[] = [
  // the form of answers
  {
    asked: everywhere,
    field: 'content-type',
    garde: 'application/json',
    peer: 'application/json; charset=utf-8',
    why: 'RFC 8259 §11 defines no charset parameter for application/json.',
  },
  {
    asked: everywhere,
    field: 'content-type',
    garde: absent,
    peer: /^text\//,
    why: 'The other sends a line of text with redirects and empty answers; Garde sends no body.',
  },
  {
    asked: everywhere,
    field: 'pragma',
    garde: 'no-cache',
    peer: absent,
    why: 'RFC 6749 §5.1 asks for Pragma: no-cache beside Cache-Control; OAuth 2.1 no longer does.',
  },
  {
    asked: everywhere,
    field: 'body.request',
    garde: 'there',
    peer: absent,
    why: 'RFC 6749 §5.2 lets a server add members: support finds the request in the log by it.',
  },
  {
    asked: everywhere,
    field: 'access-control-allow-origin',
    garde: absent,
    peer: '*',
    why: 'Garde lets the pages of a public client read these endpoints, by its registered origins; no page asked here.',
  },
  {
    asked: /wrong secret/,
    field: 'www-authenticate',
    garde: 'basic realm="garde", charset="utf-8"',
    peer: /^basic realm=.*invalid_client/,
    why: 'RFC 7617 §2 has realm and charset; error parameters are RFC 6750’s, of Bearer.',
  },

  // discovery and keys
  {
    asked: 'discovery',
    field: everywhere,
    peer: absent,
    why: 'Garde announces all that its tables accept; src/oauth/metadata.ts is held to them by its own tests.',
  },
  {
    asked: 'discovery',
    field: 'claim_types_supported',
    garde: absent,
    peer: '["normal"]',
    why: 'OpenID Connect Discovery 1.0 §3: absent means normal claims only.',
  },
  {
    asked: 'discovery',
    field: 'claims_supported',
    why: 'Garde names the claims of every token too, exp and at_hash among them (Discovery 1.0 §3 leaves it open).',
  },
  {
    asked: 'discovery',
    field: /alg_values_supported$|scopes_supported|grant_types_supported/,
    garde: /^\[/,
    peer: /^\[/,
    why: 'Each its own tables: Garde signs with EdDSA too, takes no RSA assertions, exchanges tokens, and names OpenID scopes only.',
  },
  {
    asked: 'discovery',
    field: 'response_modes_supported',
    garde: '["query"]',
    why: 'For the code alone the query is enough; fragment and form_post would be more to get wrong (RFC 9700 §4.3).',
  },
  {
    asked: 'discovery, as an answer',
    field: 'cache-control',
    garde: 'public, max-age=300',
    peer: absent,
    why: 'RFC 9111: clients may keep it five minutes; a key is announced days before it signs.',
  },
  {
    asked: 'discovery, as an answer',
    field: 'cors',
    garde: '*',
    peer: 'https://page.example',
    why: 'The same to every page, so that caches need not tell origins apart.',
  },
  {
    asked: 'a key',
    field: /^EdDSA/,
    garde: 'published',
    why: 'RFC 8037: for clients that ask for EdDSA ID tokens; the other was given RS256 and ES256 keys.',
  },

  // authorization endpoint
  {
    asked: 'authorize: no return address',
    field: /^(status|to)$/,
    why: 'OpenID Connect Core §3.1.2.1 requires redirect_uri; the other takes the only registered one, as RFC 6749 §3.1.2.3 allows.',
  },
  {
    asked: 'authorize: the return address twice',
    field: /^(status|to|answer\..*)$/,
    why: 'RFC 6749 §4.1.2.1 forbids redirecting on an invalid return address; of two nobody knows which is meant.',
  },
  {
    asked: 'authorize: a pushed request nobody pushed',
    field: /^(status|to|answer\..*)$/,
    why: 'RFC 9101 §5, RFC 9126 §4: what stands beside request_uri is not part of the request, so the return address is not proven.',
  },
  {
    asked: 'authorize: an implicit response',
    field: /^answer\./,
    garde: everywhere,
    peer: absent,
    why: 'The other answers in the fragment (OAuth 2.0 Multiple Response Types §2.1); Garde has the query only.',
  },
  {
    asked: 'authorize: an unknown scope',
    field: /^(to|answer\..*)$/,
    why: 'RFC 6749 §3.3 lets a server ignore it or refuse; refused, a client learns at once that it will not get it.',
  },
  {
    asked: 'authorize: an unknown response mode',
    field: 'answer.error',
    garde: '"invalid_request"',
    peer: '"unsupported_response_mode"',
    why: 'RFC 6749 §4.1.2.1 has no such word: an invalid parameter value is invalid_request.',
  },

  // token endpoint
  {
    asked: /^token: (a wrong secret in the form|an unknown client)$|^par: nobody$/,
    field: 'status',
    garde: '400',
    peer: '401',
    why: 'RFC 6749 §5.2: 401 is a must only where the Authorization header was used.',
  },
  {
    asked: 'token: JSON',
    field: 'status',
    garde: '415',
    peer: '400',
    why: 'RFC 9110 §15.5.16 has a status for it; the error word is the same.',
  },
  {
    asked: 'code: no verifier',
    field: 'body.error',
    garde: '"invalid_request"',
    peer: '"invalid_grant"',
    why: 'RFC 6749 §5.2: a missing required parameter; nothing was compared, and the code is not taken.',
  },
  {
    asked: 'code: no return address',
    field: /^(status|body\..*)$/,
    why: 'RFC 6749 §4.1.3 requires redirect_uri where the request had it; the other follows OAuth 2.1, which leaves it to PKCE.',
  },
  {
    asked: /^code: redeemed$|^refresh: (once|fewer scopes)$|^code: its access token$/,
    field: /scope$/,
    garde: /openid/,
    peer: '"notes.read"',
    why: 'RFC 6749 §5.1: what was granted. The other’s token is for the resource alone; Garde’s opens userinfo as well.',
  },
  {
    asked: /^code: its access token$|^service: what it says$/,
    field: /^claim\.(practice|role|grant_id|session_started_at|session_sequence|acr|amr|auth_time|sid)$/,
    peer: absent,
    why: 'RFC 9068 §2.2.1 and protocols 3: what restrictions and resources judge on travels in the token.',
  },
  {
    asked: 'code: its ID token',
    field: /^(claim\.(acr|amr|auth_time|sid|at_hash)|header\.typ)$/,
    peer: absent,
    why: 'OpenID Connect Core §2, §3.1.3.6 leave them open here; Garde says in each how and when the person signed in.',
  },
  {
    asked: 'refresh: more scopes',
    field: 'body.scope',
    garde: absent,
    why: 'The other repeats what was asked for; RFC 6749 §5.2 has no such member.',
  },
  {
    asked: 'service: an unknown scope',
    field: /^(status|body\..*)$/,
    why: 'RFC 6749 §3.3 lets a server ignore it or refuse: a service that lacks a scope should not learn it from a 403 at night.',
  },

  // introspection, revocation
  {
    asked: /^introspect: a (service’s|refresh) token$/,
    field: /^body\.(aud|sub|jti|practice|role|sid|acr|amr|auth_time)$/,
    garde: everywhere,
    peer: absent,
    why: 'RFC 7662 §2.2: optional members; a resource that asks is told what the token itself would say.',
  },
  {
    asked: /^revoke:/,
    field: 'cache-control',
    garde: 'no-store',
    peer: absent,
    why: 'RFC 7009 asks for nothing; no answer of an endpoint that takes tokens is for a cache.',
  },

  // userinfo
  {
    asked: 'userinfo: no token',
    field: /^(body\.|content-type|www-authenticate)/,
    why: 'RFC 6750 §3.1: without authentication no error code. Garde’s body is a problem (RFC 9457), and it names its own algorithms.',
  },
  {
    asked: 'userinfo: nothing known',
    field: 'www-authenticate',
    garde: 'bearer realm="garde", error="invalid_token"',
    why: 'RFC 6750 §3: the description is optional.',
  },
  {
    asked: 'userinfo: a token in the address',
    field: /^(status|body\.|content-type|www-authenticate)/,
    why: 'RFC 6750 §2.3, RFC 9700 §4.3.2: a token in the address is never read, so there is none: 401.',
  },

  // end session
  {
    asked: 'end session: a registered address with a hint',
    field: /^(status|to|content-type|answer\.state)$/,
    why: 'RP-Initiated Logout §2: a valid hint and no other session in the browser leave nothing to ask; the other always asks.',
  },
  {
    asked: 'end session: a hint that is no token',
    field: 'status',
    garde: '200',
    peer: '400',
    why: 'RP-Initiated Logout §4: what cannot be validated is not used; the person may still sign out.',
  },

  // pushed requests, proofs
  {
    asked: 'par: a request address inside',
    field: /^body\.error/,
    garde: /invalid_request|there/,
    why: 'RFC 9126 §2.1: request_uri must not be provided, so it is an invalid request.',
  },
  {
    asked: 'dpop: the proof a second time',
    field: 'body.error',
    garde: '"invalid_dpop_proof"',
    peer: '"invalid_grant"',
    why: 'RFC 9449 §5 and §12.2 have invalid_dpop_proof for a proof that is not taken.',
  },
]

export interface Found {
  asked: string
  field: string
  garde: string
  peer: string
}

const fits = (pattern: string | RegExp | undefined, value: string): boolean =>
  pattern === undefined || (typeof pattern === 'string' ? pattern === value : pattern.test(value))

export const explains = (row: Difference, found: Found): boolean =>
  fits(row.asked, found.asked) &&
  fits(row.field, found.field) &&
  fits(row.garde, found.garde) &&
  fits(row.peer, found.peer)
