/** A scope in words (SMART App Launch 2.2, "Scopes for requesting FHIR resources"; OpenID Connect Core §5.4). */

import type { Language } from '../core/language.ts'
import { scopeNames } from './scope.ts'
import { scopeTexts, type ScopeTexts } from './texts.ts'

const smartScope = /^(user|patient)\/(\*|[A-Za-z]+)\.([cruds]+)(?:\?(.+))?$/

/** `user/Patient.rs`: "lire, rechercher l’identité des patients". A scope without words is shown as it is written. */
export function scopeWords(language: Language, scope: string): string {
  const texts = scopeTexts[language]
  const named = wordOf(texts.named, scope)
  if (named !== undefined) return named
  const [, context, type, letters, condition] = smartScope.exec(scope) ?? []
  if (type === undefined || letters === undefined) return texts.other(scope)
  const verbs = letters.split('').map((letter) => texts.letters[letter as keyof ScopeTexts['letters']])
  const what = `${verbs.join(', ')} ${recordsOf(texts, type)}`
  const whose = context === 'patient' ? texts.onePatient(what) : what
  return condition === undefined ? whose : texts.onlyWhere(whose, condition)
}

/** Each once, in the order given. */
export const allScopeWords = (language: Language, scopes: string): string[] => [
  ...new Set(scopeNames(scopes).map((scope) => scopeWords(language, scope))),
]

const recordsOf = (texts: ScopeTexts, type: string): string =>
  type === '*' ? texts.allRecords : (wordOf(texts.types, type) ?? texts.recordsOf(type))

/** Own names only: a scope may be called `constructor`. */
const wordOf = (words: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(words, name) ? words[name] : undefined
