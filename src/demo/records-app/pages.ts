/** The records app's screens: welcome, patients, one patient, and a bare refusal. */

import { html } from 'hono/html'
import type { Bundle, Resource } from '../records-api/fhir.ts'
import { page, type Markup, type Screen } from './layout.ts'
import { mark, notice, signInPath } from './notices.ts'
import type { Answer, No } from './gateway.ts'
import { ageOf, dateOf, fileNumberOf, nameOf, resourcesIn, townOf } from './people.ts'

export const welcomePage = (screen: Screen): Markup =>
  page(
    screen,
    screen.t.tagline,
    html`<section class="welcome">
      <img src="/favicon.svg" alt="" width="88" height="88" />
      <h1>${screen.t.product}</h1>
      <p class="tagline">${screen.t.tagline}</p>
      <p>${screen.t.pitch}</p>
      <a class="button large" href="${signInPath('/patients')}">${screen.t.signIn}</a>
    </section>`,
  )

export const refusalPage = (screen: Screen, no: No, returnTo = screen.here): Markup =>
  page(screen, screen.t.patients, html`${back(screen)}${notice(screen, no, returnTo)}`)

/** The sign-in came back with a no; `said` is Garde's own description of it. */
export const signInFailedPage = (screen: Screen, said?: string): Markup =>
  page(
    screen,
    screen.t.signInFailedTitle,
    html`<section class="notice refused" role="alert">
      ${mark('refused')}
      <div>
        <h2>${screen.t.signInFailedTitle}</h2>
        ${said !== undefined && html`<p class="said">${said}</p>`}
        <p>${screen.t.signInFailedNext}</p>
        <a class="button" href="${signInPath('/patients')}">${screen.t.retry}</a>
      </div>
    </section>`,
  )

export const back = ({ t, person }: Screen): Markup | string =>
  person ? html`<p><a class="back" href="/patients">← ${t.back}</a></p>` : ''

export interface PatientList {
  name: string
  answer: Answer<Bundle>
  /** Address of the next page. */
  next?: string
  /** Is this not the first page? */
  further: boolean
  now: Date
}

export const patientsPage = (screen: Screen, list: PatientList): Markup => {
  const { t } = screen
  return page(
    screen,
    t.patients,
    html`<h1>${t.patients}</h1>
      <form class="search" role="search" action="/patients">
        <label for="name">${t.searchLabel}</label>
        <input id="name" name="name" type="search" value="${list.name}" placeholder="${t.searchHint}" />
        <button class="button">${t.search}</button>
        ${list.name && html`<a href="/patients">${t.clear}</a>`}
      </form>
      ${
        list.answer.kind === 'ok'
          ? patientTable(screen, list.answer.value, list)
          : notice(screen, list.answer, screen.here)
      }`,
  )
}

function patientTable(screen: Screen, bundle: Bundle, list: PatientList): Markup {
  const { t } = screen
  const patients = resourcesIn(bundle).filter(({ resourceType }) => resourceType === 'Patient')
  if (patients.length === 0) return html`<p class="empty">${t.none}</p>`
  return html`<table class="patients">
      <caption>
        ${bundle.total === undefined ? '' : t.found(bundle.total)}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t.name}</th>
          <th scope="col">${t.born}</th>
          <th scope="col" class="wide">${t.file}</th>
          <th scope="col" class="wide">${t.town}</th>
        </tr>
      </thead>
      <tbody>
        ${patients.map((patient) => patientRow(screen, patient, list.now))}
      </tbody>
    </table>
    <nav class="paging">
      ${
        list.further
          ? html`<a href="/patients?${new URLSearchParams({ name: list.name }).toString()}">${t.first}</a>`
          : ''
      }
      ${list.next && html`<a class="button" href="${list.next}">${t.next} →</a>`}
    </nav>`
}

const patientRow = ({ t, language }: Screen, patient: Resource, now: Date): Markup => {
  const age = ageOf(patient['birthDate'], now)
  return html`<tr>
    <th scope="row"><a href="/patients/${patient.id}">${nameOf(patient)}</a></th>
    <td>
      ${dateOf(patient['birthDate'], language)}
      ${age === undefined ? '' : html`<span class="faint">${t.years(age)}</span>`}
    </td>
    <td class="wide faint">${fileNumberOf(patient)}</td>
    <td class="wide">${townOf(patient)}</td>
  </tr>`
}
