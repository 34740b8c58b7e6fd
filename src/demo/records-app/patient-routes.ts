/** The addresses about patients: the list, one patient, and what is added to one. */

import type { Context, Hono } from 'hono'
import type { Language } from '../../core/language.ts'
import type { Bundle, Resource } from '../records-api/fhir.ts'
import type { Gateway } from './gateway.ts'
import type { Screen } from './layout.ts'
import { signInPath } from './notices.ts'
import { observationOf } from './observation.ts'
import { patientsPage, refusalPage } from './pages.ts'
import { patientPage, sections, type Draft } from './patient-page.ts'
import { nextIn, resourcesIn } from './people.ts'
import type { Visit } from './visit.ts'

export interface Tools {
  gateway: Gateway
  visitOf: (c: Context) => Visit
  screen: (c: Context, visit: Visit) => Screen
  now: () => Date
  /** The FHIR base the gateway serves. */
  base: string
}

export function patientRoutes(app: Hono, { gateway, visitOf, screen, now, base }: Tools): void {
  app.get('/patients', async (c) => {
    const visit = visitOf(c)
    if (!visit.tokens) return c.redirect(signInPath(pathOf(c)), 303)
    const { language } = screen(c, visit)
    const name = c.req.query('name') ?? ''
    const cursor = c.req.query('cursor')
    const query = new URLSearchParams({
      _sort: 'family,given',
      _count: '15',
      _include: 'Patient:organization',
    })
    if (name !== '') query.set('name', name)
    if (cursor !== undefined) query.set('_cursor', cursor)
    const answer = await gateway.search(visit, language, `Patient?${query.toString()}`)
    if (answer.kind === 'ok' && visit.person) Object.assign(visit.person, practiceIn(answer.value))
    const following = answer.kind === 'ok' ? nextIn(answer.value, base) : undefined
    const nextCursor = new URLSearchParams(following?.split('?')[1] ?? '').get('_cursor')
    const next = nextCursor === null ? undefined : new URLSearchParams({ name, cursor: nextCursor })
    return c.html(
      patientsPage(screen(c, visit), {
        name,
        answer,
        ...(next && { next: `/patients?${next.toString()}` }),
        further: cursor !== undefined,
        now: now(),
      }),
    )
  })

  const show = async (c: Context, id: string, draft?: Draft) => {
    const visit = visitOf(c)
    const view = screen(c, visit)
    const today = now().toISOString().slice(0, 10)
    const patient = await gateway.read(visit, view.language, `Patient/${id}`)
    if (patient.kind !== 'ok') return c.html(refusalPage(view, patient, `/patients/${id}`))
    await learnPractice(gateway, visit, view.language, patient.value)
    const found = await Promise.all(
      sections.map((section) => gateway.search(visit, view.language, section.path(id, today))),
    )
    const added = c.req.query('added') !== undefined
    return c.html(
      patientPage(view, { patient: patient.value, found, added, now: now(), ...(draft && { draft }) }),
    )
  }
  app.get('/patients/:id{[A-Za-z0-9.-]{1,64}}', async (c) =>
    visitOf(c).tokens ? await show(c, c.req.param('id')) : c.redirect(signInPath(pathOf(c)), 303),
  )

  for (const kind of ['measure', 'note'] as const)
    app.post(`/patients/:id{[A-Za-z0-9.-]{1,64}}/${kind}s`, async (c) => {
      const visit = visitOf(c)
      const { language, t } = screen(c, visit)
      const form = await c.req.parseBody()
      const draft: Draft = { kind, code: field(form['code']), text: field(form['text']) }
      const id = c.req.param('id')
      const observation = observationOf(draft, id, now())
      if (!observation) return show(c, id, { ...draft, fault: kind === 'note' ? t.wrongNote : t.wrongValue })
      const answer = await gateway.create(visit, language, observation)
      return answer.kind === 'ok'
        ? c.redirect(`/patients/${id}?added`, 303)
        : show(c, id, { ...draft, no: answer })
    })
}

/** The name of the organization that came along. */
const practiceIn = (bundle: Bundle): { practice?: string } =>
  namedBy(resourcesIn(bundle).find(({ resourceType }) => resourceType === 'Organization'))

const namedBy = (organization: Resource | undefined): { practice?: string } =>
  typeof organization?.['name'] === 'string' ? { practice: organization['name'] } : {}

/** Where it is not known yet for which practice this person is here: the patient's is theirs, or Garde had refused. */
async function learnPractice(
  gateway: Gateway,
  visit: Visit,
  language: Language,
  patient: Resource,
): Promise<void> {
  const owner = patient['managingOrganization'] as { reference?: string } | undefined
  if (!visit.person || visit.person.practice !== undefined || owner?.reference === undefined) return
  const organization = await gateway.read(visit, language, owner.reference)
  if (organization.kind === 'ok') Object.assign(visit.person, namedBy(organization.value))
}

const pathOf = (c: Context): string => {
  const url = new URL(c.req.url)
  return `${url.pathname}${url.search}`
}

const field = (value: unknown): string => (typeof value === 'string' ? value : '')
