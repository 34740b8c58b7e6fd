/** Standalone launch (SMART App Launch 2.2): the person says about whom, and the records API says whether they may. */

import type { Context } from 'hono'
import { mintId } from '../../core/ids.ts'
import { requireSession } from '../../people/session-cookie.ts'
import type { Services } from '../../services.ts'
import type { OauthEnv } from '../accepted.ts'
import type { Next } from '../authorize-decision.ts'
import type { Asked } from '../authorize-next.ts'
import type { OpenMembership } from '../../people/memberships.ts'
import { patientPage } from './pages.ts'
import { findPatient, searchPatients, type Asker } from './search.ts'

/** A posted patient is believed when the records API has them for this practice: until then it is a question again. */
export async function withPatient(
  services: Services,
  c: Context<OauthEnv>,
  { request, choice }: Asked,
  next: Next,
): Promise<Next> {
  if (next.do !== 'grant' || request.launch?.by !== 'choice') return next
  const { membership } = next
  const found = await findPatient(services, askerOf(services, c, request, membership), choice.patient ?? '')
  if (found === 'sign-in') return { do: found, stepUp: true }
  if (typeof found === 'string') return { do: 'ask-patient', membership, problem: found }
  return { ...next, launch: { patient: found.id, needPatientBanner: true } }
}

/** `sign-in`: the API wants a fresher or stronger one first. */
export async function askPatient(
  services: Services,
  c: Context<OauthEnv>,
  { id, request, choice }: Asked & { id: string },
  { membership, problem }: Extract<Next, { do: 'ask-patient' }>,
): Promise<Response | 'sign-in'> {
  const { search } = choice
  const answer =
    problem ??
    (search ? await searchPatients(services, askerOf(services, c, request, membership), search) : [])
  if (answer === 'sign-in') return answer
  return c.html(
    patientPage({
      language: c.get('context').language,
      id,
      clientName: request.client.name,
      practiceName: membership.practiceName,
      answered: {
        membership: membership.id,
        ...(choice.account !== undefined && { account: choice.account }),
        ...(choice.consent !== undefined && { consent: choice.consent }),
      },
      search,
      ...(typeof answer === 'string' ? { problem: answer } : { found: answer }),
    }),
  )
}

/** The person, for this practice, through the application that asks; of patients only. */
function askerOf(
  { config }: Services,
  c: Context<OauthEnv>,
  { client, resource }: Asked['request'],
  membership: OpenMembership,
): Asker {
  const session = requireSession(c)
  const { practitioner, practice, role, doctors } = membership
  const claims: Asker['claims'] = {
    iss: config.issuer,
    sub: practitioner,
    aud: resource,
    client_id: client.id,
    scope: 'user/Patient.rs',
    sid: session.id,
    acr: session.acr,
    amr: session.amr,
    auth_time: session.authTime,
    practice,
    role,
    // Nothing is granted yet: the log knows this question by a name of its own.
    grant_id: mintId('grant'),
    ...(role === 'secretary' && { doctors }),
    ...session.facts,
  }
  return { claims, remote: c.env.remote, forwardedFor: c.req.header('x-forwarded-for') }
}
