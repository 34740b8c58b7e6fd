/**
 * POST /oauth/launch: EHR launch (SMART App Launch 2.2). A records application, with the access token of the person who
 * is at it, opens another application on one patient: it gets a word that this person alone can spend, once, with that
 * application alone, within 5 minutes. It then sends the browser to the other's launch address with `iss` and `launch`.
 *
 * Fields: `client` (the application to open), `patient`, and perhaps `encounter`, `intent`, `need_patient_banner`.
 */

import type { Context } from 'hono'
import type { Client } from '../clients/client.ts'
import { includesScope } from '../clients/scope.ts'
import { findClient } from '../clients/store.ts'
import { parseId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { LaunchContext } from '../grants/grant.ts'
import { insertLaunch } from '../grants/launch-store.ts'
import type { Services } from '../services.ts'
import { launchSeconds, paths, type OauthEnv } from './accepted.ts'
import { fieldsOf, requireField, type Fields } from './fields.ts'
import { askAs, findPatient, patientIdShape, type Asker } from './patient/search.ts'
import { requirePerson } from './userinfo.ts'

/** Refuses what `requirePerson` refuses, `launch_not_allowed`, `patient_unresolved`, `malformed_request`. */
export const makeLaunch =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const { claims, ground } = await requirePerson(services, c, paths.launch)
    const app = await findClient(services.db, parseId('client', fields['client']))
    const resource = services.resources.findByAudience(claims.aud)
    // Acting for somebody (RFC 8693) is not being at their desk.
    const itself = claims.act === undefined && ground.grant.client === claims.client_id
    const may =
      itself && app && ground.client.options.launches?.includes(app.id) && isLaunchable(app, claims.aud)
    if (!may || resource?.kind !== 'fhir')
      throw new Refusal('launch_not_allowed', { launcher: claims.client_id, client: fields['client'] })
    const context = readContext(fields)
    const { exp: _exp, iat: _iat, jti: _jti, cnf: _cnf, ...asking } = claims
    const asker = { claims: asking, remote: c.env.remote, forwardedFor: c.req.header('x-forwarded-for') }
    await requireOfPractice(services, asker, context)
    const launch = mintSecret()
    const now = services.clock.now()
    await insertLaunch(services.db, {
      launchHash: hashSecret(services.primitives, launch),
      client: app.id,
      practitioner: claims.sub,
      practice: claims.practice,
      resource: claims.aud,
      context,
      launcher: claims.client_id,
      expiresAt: now + launchSeconds,
    })
    return c.json(
      { launch, iss: `${services.config.issuer}${resource.base}`, expires_in: launchSeconds },
      201,
    )
  }

const isLaunchable = ({ scopes, resources }: Client, audience: string): boolean =>
  includesScope(scopes.join(' '), 'launch') && resources.includes(audience)

function readContext(fields: Fields): LaunchContext {
  const { encounter, intent, need_patient_banner: banner = 'true' } = fields
  const patient = requireField(fields, 'patient')
  const ids = encounter === undefined ? [patient] : [patient, encounter]
  const fault =
    ids.some((id) => !patientIdShape.test(id)) ||
    (intent !== undefined && !/^[\x20-\x7e]{1,64}$/.test(intent)) ||
    (banner !== 'true' && banner !== 'false')
  if (fault) throw new Refusal('malformed_request', { fault: 'launch context' })
  return {
    patient,
    ...(encounter !== undefined && { encounter }),
    ...(intent !== undefined && { intent }),
    needPatientBanner: banner === 'true',
  }
}

/** As far as the person's own token reaches, through the gateway: what it may not read, it opens nothing on. */
async function requireOfPractice(services: Services, asker: Asker, context: LaunchContext): Promise<void> {
  const { patient, encounter } = context
  const found = await findPatient(services, asker, patient)
  if (found === 'unreachable') throw new Refusal('upstream_unreachable')
  if (typeof found === 'string') throw new Refusal('patient_unresolved', { problem: found })
  if (encounter === undefined) return
  const { status, document } = await askAs(services, asker, `/Encounter/${encounter}`)
  const subject = (document as { subject?: { reference?: unknown } } | undefined)?.subject?.reference
  const theirs = typeof subject === 'string' && `/${subject}`.endsWith(`/Patient/${patient}`)
  if (status !== 200 || !theirs) throw new Refusal('patient_unresolved', { fault: 'encounter' })
}
