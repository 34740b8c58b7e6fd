/** One patient: who, what is known, and two small forms to add to it. */

import { html } from 'hono/html'
import type { Language } from '../../core/language.ts'
import { measures } from '../data/words.ts'
import type { Bundle, Resource } from '../records-api/fhir.ts'
import type { Answer, No } from './gateway.ts'
import { page, type Markup, type Screen } from './layout.ts'
import { notice } from './notices.ts'
import { back } from './pages.ts'
import { ageOf, conceptOf, dateOf, fileNumberOf, nameOf, resourcesIn, townOf, valueOf } from './people.ts'

type Row = { what: string; detail: string; when: string }

interface Section {
  key: 'conditions' | 'medicines' | 'measures' | 'encounters' | 'appointments' | 'documents'
  /** A search that is pinned to one patient. */
  path(patient: string, today: string): string
  row(resource: Resource, language: Language): Row
}

export const sections: readonly Section[] = [
  {
    key: 'conditions',
    path: (patient) => `Condition?patient=${patient}&_sort=-recorded-date&_count=20`,
    row: (r, language) => ({
      what: conceptOf(r['code']),
      detail: '',
      when: dateOf(r['recordedDate'] ?? r['onsetDateTime'], language),
    }),
  },
  {
    key: 'medicines',
    path: (patient) => `MedicationRequest?patient=${patient}&_sort=-authoredon&_count=20`,
    row: (r, language) => ({
      what: conceptOf(r['medicationCodeableConcept']),
      detail: (r['dosageInstruction'] as { text?: string }[] | undefined)?.[0]?.text ?? '',
      when: dateOf(r['authoredOn'], language),
    }),
  },
  {
    key: 'measures',
    path: (patient) => `Observation?patient=${patient}&_sort=-date&_count=20`,
    row: (r, language) => ({
      what: conceptOf(r['code']),
      detail: valueOf(r, language),
      when: dateOf(r['effectiveDateTime'], language, true),
    }),
  },
  {
    key: 'encounters',
    path: (patient) => `Encounter?patient=${patient}&_sort=-date&_count=10`,
    row: (r, language) => ({
      what: conceptOf(r['type']),
      detail: '',
      when: dateOf((r['period'] as { start?: string } | undefined)?.start, language, true),
    }),
  },
  {
    key: 'appointments',
    path: (patient, today) => `Appointment?patient=${patient}&date=ge${today}&_sort=date&_count=10`,
    row: (r, language) => ({
      what: typeof r['description'] === 'string' ? r['description'] : '—',
      detail: '',
      when: dateOf(r['start'], language, true),
    }),
  },
  {
    key: 'documents',
    path: (patient) => `DocumentReference?patient=${patient}&_sort=-date&_count=10`,
    row: (r, language) => ({ what: conceptOf(r['type']), detail: '', when: dateOf(r['date'], language) }),
  },
]

/** What was typed and not saved, with why. */
export interface Draft {
  kind: 'measure' | 'note'
  code: string
  text: string
  fault?: string
  no?: No
}

export interface PatientView {
  patient: Resource
  /** In the order of `sections`. */
  found: Answer<Bundle>[]
  draft?: Draft
  added: boolean
  now: Date
}

export function patientPage(screen: Screen, view: PatientView): Markup {
  const { patient, draft } = view
  const { t } = screen
  return page(
    screen,
    nameOf(patient),
    html`${back(screen)}${identity(screen, view)}
      ${view.added ? html`<p class="added" role="status">✓ ${t.added}</p>` : ''}
      ${draft?.no ? notice(screen, draft.no, `/patients/${patient.id}`, true) : ''}
      <div class="cards">
        ${sections.map((section, i) => card(screen, section, view.found[i] ?? { kind: 'unavailable' }))}
      </div>
      <div class="cards forms">
        ${measureForm(screen, patient, draft)}${noteForm(screen, patient, draft)}
      </div>`,
  )
}

function identity({ t, language }: Screen, { patient, now }: PatientView): Markup {
  const age = ageOf(patient['birthDate'], now)
  const sex = patient['gender'] === 'female' ? t.female : patient['gender'] === 'male' ? t.male : ''
  const facts = [
    sex,
    `${t.born} ${dateOf(patient['birthDate'], language)}`,
    age === undefined ? '' : t.years(age),
    `${t.file} ${fileNumberOf(patient)}`,
    townOf(patient),
  ]
  return html`<section class="identity">
    <h1>${nameOf(patient)}</h1>
    <p>${facts.filter(Boolean).join(' · ')}</p>
  </section>`
}

function card(screen: Screen, section: Section, answer: Answer<Bundle>): Markup {
  const { t, language } = screen
  return html`<section class="card">
    <h2>${t[section.key]}</h2>
    ${
      answer.kind === 'ok'
        ? rows(
            t.empty,
            resourcesIn(answer.value).map((resource) => section.row(resource, language)),
          )
        : notice(screen, answer, screen.here)
    }
  </section>`
}

const rows = (empty: string, list: Row[]): Markup =>
  list.length === 0
    ? html`<p class="empty">${empty}</p>`
    : html`<ul class="rows">
        ${list.map(
          ({ what, detail, when }) =>
            html`<li>
              <span class="what">${what}</span>
              ${detail && html`<span class="detail">${detail}</span>`}
              <span class="when">${when}</span>
            </li>`,
        )}
      </ul>`

function measureForm({ t }: Screen, patient: Resource, draft?: Draft): Markup {
  const mine = draft?.kind === 'measure' ? draft : undefined
  return html`<form class="card" method="post" action="/patients/${patient.id}/measures">
    <h2>${t.addMeasure}</h2>
    <label for="code">${t.measure}</label>
    <select id="code" name="code">
      ${measures.map(
        ({ code, fr, unit }) =>
          html`<option value="${code}" ${code === mine?.code ? 'selected' : ''}>${fr} (${unit})</option>`,
      )}
    </select>
    <label for="value">${t.value}</label>
    <input
      id="value"
      name="text"
      inputmode="decimal"
      autocomplete="off"
      required
      value="${mine?.text ?? ''}"
    />
    ${fault(mine)}
    <button class="button">${t.add}</button>
  </form>`
}

function noteForm({ t }: Screen, patient: Resource, draft?: Draft): Markup {
  const mine = draft?.kind === 'note' ? draft : undefined
  return html`<form class="card" method="post" action="/patients/${patient.id}/notes">
    <h2>${t.addNote}</h2>
    <label for="note">${t.note}</label>
    <textarea id="note" name="text" rows="4" maxlength="1000" required>${mine?.text ?? ''}</textarea>
    ${fault(mine)}
    <button class="button">${t.add}</button>
  </form>`
}

const fault = (draft: Draft | undefined): Markup | string =>
  draft?.fault === undefined ? '' : html`<p class="fault" role="alert">${draft.fault}</p>`
