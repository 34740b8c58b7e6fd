/** Which patient an application is opened on. Works without a script; what is looked for is posted, never in an address. */

import { html } from 'hono/html'
import type { Language } from '../../core/language.ts'
import { card, emptyState, notice, screenHead } from '../../ui/components.ts'
import { button, choices, field, form } from '../../ui/forms.ts'
import { page, type Markup } from '../../ui/layout.ts'
import { spokenDate } from '../../ui/time.ts'
import { paths } from '../accepted.ts'
import type { FoundPatient, PatientProblem, PatientSearch } from './search.ts'
import { patientTexts, type PatientTexts } from './texts.ts'

export interface PatientQuestion {
  language: Language
  /** Of the waiting request. */
  id: string
  clientName: string
  practiceName: string
  /** What was answered before, and goes along. */
  answered: Record<string, string>
  search: PatientSearch | undefined
  found?: FoundPatient[]
  problem?: PatientProblem
}

export function patientPage(question: PatientQuestion): Markup {
  const { language, id, clientName, practiceName, answered, search, found, problem } = question
  const texts = patientTexts[language]
  const hidden = { id, ...answered }
  return page({
    language,
    title: texts.title,
    width: 'narrow',
    address: `${paths.resume}?id=${id}`,
    content: html`${screenHead(texts.title, texts.lead(clientName, practiceName))}
    ${problem && notice({ tone: 'caution', role: 'alert', content: texts.problems[problem] })}
    ${found && search && results(texts, language, hidden, found)}
    ${searchForm(texts, hidden, search, !found?.length)}
    ${form({
      action: paths.resume,
      hidden: { ...hidden, leave: 'yes' },
      content: button({ label: texts.leave, kind: 'quiet' }),
    })}`,
  })
}

/** `primary`: there is nothing else to do yet. */
function searchForm(
  texts: PatientTexts,
  hidden: Record<string, string>,
  search: PatientSearch | undefined,
  primary: boolean,
): Markup {
  const common = { autocomplete: 'off', spellcheck: false, maxlength: 80 }
  return form({
    action: paths.resume,
    hidden: { ...hidden, search: 'yes' },
    content: [
      card({
        title: texts.byName,
        content: [
          field({ name: 'family', label: texts.family, value: search?.family ?? '', ...common }),
          field({ name: 'given', label: texts.given, value: search?.given ?? '', ...common }),
          field({
            name: 'birthdate',
            label: texts.birthDate,
            type: 'date',
            value: search?.birthDate ?? '',
            autocomplete: 'off',
          }),
        ],
      }),
      card({
        title: texts.byIdentifier,
        content: field({
          name: 'identifier',
          label: texts.identifier,
          hint: texts.identifierHint,
          value: search?.identifier ?? '',
          ...common,
        }),
      }),
      button({ label: texts.search, kind: primary ? 'primary' : 'plain' }),
    ],
  })
}

/** Nothing is chosen beforehand, even where there is but one: whose record is opened is said by a person. */
function results(
  texts: PatientTexts,
  language: Language,
  hidden: Record<string, string>,
  found: FoundPatient[],
): Markup {
  if (found.length === 0) return html`<div role="status">${emptyState(texts.none)}</div>`
  return form({
    action: paths.resume,
    hidden,
    content: [
      choices({
        name: 'patient',
        label: texts.found(found.length),
        options: found.map((patient) => ({
          value: patient.id,
          label: patient.name === '' ? texts.nameless : patient.name,
          hint: about(texts, language, patient),
        })),
      }),
      button({ label: texts.open }),
    ],
  })
}

const about = (texts: PatientTexts, language: Language, { birthDate, gender }: FoundPatient): string =>
  [
    birthDate === undefined ? undefined : texts.born(spokenDate(birthDate, language)),
    gender === undefined ? undefined : texts.gender[gender],
  ]
    .filter(Boolean)
    .join(' · ')
