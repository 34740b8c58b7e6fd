/**
 * Every act of the admin API and who may do it how. A token reads, sets up and tightens; what loosens waits for an
 * operator's passkey in the console, so that a stolen token is worth no account, no consent and no restriction's lift.
 */

export type Needs = 'read' | 'set-up' | 'tighten' | 'loosen'

export interface Authority {
  needs: Needs
  why: string
  /** When an act that is otherwise set-up loosens. */
  loosensWhen?: string
}

const read = (why: string): Authority => ({ needs: 'read', why })
const tighten = (why: string): Authority => ({ needs: 'tighten', why })
const loosen = (why: string): Authority => ({ needs: 'loosen', why })
const setUp = (why: string, loosensWhen?: string): Authority => ({
  needs: 'set-up',
  why,
  ...(loosensWhen !== undefined && { loosensWhen }),
})

const table = {
  listRestrictions: read('what is cut is no secret among operators'),
  readRestriction: read('as the list'),
  weighRestriction: read('counts, changes nothing'),
  readApproval: read('a script waits for its answer; what came of it is never there'),
  listSessions: read('who is signed in, without what opens a session'),
  listFindings: read('what the rules found'),
  listEvents: read('the log holds no secret and no patient in clear'),
  listPatientsServed: read('pseudonyms; the question itself is recorded'),
  listPractices: read('names'),
  listPractitioners: read('names and addresses'),
  listMemberships: read('who belongs where'),
  listOperators: read('names and addresses'),
  listClients: read('what is registered, without secrets'),
  readClient: read('as the list'),
  checkAddress: read('asks the steps of the endpoint, changes nothing'),
  listConfigurations: read('how a program is set up for a client, without secrets'),
  listRegistrationTokens: read('who may still register, without what opens it'),
  listDeliveries: read('which clients were not told of sign-outs, without tokens'),
  listResources: read('where APIs stand, without secrets'),

  restrict: tighten('takes away only; the last operator who could lift is spared'),
  endSession: tighten('takes away only'),
  disablePractitioner: tighten('takes away only'),
  endMembership: tighten('takes away only, and never moves an end later'),
  disableOperator: tighten('takes away only, and never the last one'),
  disableClient: tighten('takes away only'),
  revokeRegistrationToken: tighten('takes away only'),
  retryDeliveries: tighten('tells again of what has ended'),

  createPractice: setUp('a new tenant has no records yet'),
  changePractice: setUp('names and numbers', 'it opens sign-in by password again'),
  createPractitioner: setUp('a new person can do nothing before a membership and an invitation'),
  changePractitioner: setUp(
    'correcting what was mistyped',
    'the person has a way in already: whose name, address and RPPS the log and the applications show would change',
  ),
  invitePractitioner: setUp(
    'the first way in of somebody who has none',
    'the person has a way in already: a second one would take the account over',
  ),
  addMembership: setUp(
    'who works where is what scripts are for; caps and the log hold whoever is added',
    'a secretary of more than ten doctors: caps grow with them',
  ),
  saveClient: setUp(
    'a new application asks everybody for consent',
    'it would skip consent, or one that exists gets wider, another name, profile or secret',
  ),
  mintRegistrationToken: setUp(
    'who registers asks everybody for consent, within what it says, and it lives no longer than an admin token',
  ),
  saveResource: setUp(
    'the first API has no tokens yet',
    'there is one already (another could be a second door to its records), or it serves more types without a patient',
  ),

  lift: loosen('gives access back'),
  enablePractitioner: loosen('gives access back'),
  createOperator: loosen('operators can lift anything'),
  inviteOperator: loosen('opens a way in to somebody who can lift anything'),
} satisfies Record<string, Authority>

export type Operation = keyof typeof table
export const authority: Record<Operation, Authority> = table

/** May it wait for a person? Its answers then include 202. */
export const mayLoosen = ({ needs, loosensWhen }: Authority): boolean =>
  needs === 'loosen' || loosensWhen !== undefined
