/** What is wrong with an address that failed: values, which `texts.ts` says in words. */

import type { ClientId } from '../../core/ids.ts'
import type { Reason } from '../../core/refusal.ts'
import type { RedirectDifference } from './redirect-difference.ts'

export type Finding =
  | { kind: 'no-address' }
  | { kind: 'elsewhere'; found: string; expected: string }
  | { kind: 'secret'; parameter: string }
  | { kind: 'repeated'; parameter: string }
  | { kind: 'unreadable'; parameter: string }
  | { kind: 'client-missing' }
  | { kind: 'client-unknown'; id: string; like?: ClientId }
  | { kind: 'client-disabled'; id: ClientId }
  | { kind: 'redirect-missing' }
  | { kind: 'redirect-differs'; difference: RedirectDifference; client: ClientId }
  | { kind: 'redirect-none' }
  | { kind: 'pushed-name' }
  | { kind: 'push-required' }
  | { kind: 'signed-object' }
  | { kind: 'sign-required' }
  | { kind: 'no-sign-in' }
  | { kind: 'response-type'; value: string }
  | { kind: 'scope-missing' }
  | { kind: 'scope'; names: string[] }
  | { kind: 'resource-missing'; audiences: string[] }
  | { kind: 'resource'; value: string; audiences: string[] }
  | { kind: 'pkce-missing' }
  | { kind: 'pkce-method' }
  | { kind: 'pkce-shape' }
  /** A value that the server does not take, of a parameter without words of its own. */
  | { kind: 'value'; parameter: string }
  /** Refused for a reason that has no words of its own here. */
  | { kind: 'refused'; reason: Reason }

/** One parameter of the request: as it stood, where that may be shown, and what is wrong with it. */
export interface CheckedParameter {
  name: string
  /** Absent where it could be a secret, or say something of a person. */
  value?: string
  missing?: true
  findings: Finding[]
}

export interface Checked {
  read: 'request' | 'return-address' | 'nothing'
  client?: ClientId
  /** Of the address as a whole. */
  findings: Finding[]
  parameters: CheckedParameter[]
}

export const isSound = ({ read, findings, parameters }: Checked): boolean =>
  read !== 'nothing' && findings.length === 0 && parameters.every((each) => each.findings.length === 0)
