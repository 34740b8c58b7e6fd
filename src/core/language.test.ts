import { expect, test } from 'vitest'
import { chooseLanguage, languageAmong } from './language.ts'

test.each([
  [undefined, 'fr'],
  ['', 'fr'],
  ['en', 'en'],
  ['en-GB,en;q=0.9,fr;q=0.8', 'en'],
  ['de, fr;q=0.5, en;q=0.7', 'en'],
  ['en;q=0, fr', 'fr'],
  ['de', 'fr'],
] as const)('%j → %s', (header, language) => {
  expect(chooseLanguage(header)).toBe(language)
})

test.each([
  ['', undefined],
  ['de', undefined],
  ['fr-CA fr en', 'fr'],
  ['de EN-gb fr', 'en'],
] as const)('ui_locales=%j → %s', (locales, language) => {
  expect(languageAmong(locales)).toBe(language)
})
