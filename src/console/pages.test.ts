import { expect, test } from 'vitest'
import { parseId } from '../core/ids.ts'
import { faces } from '../../test/support/faces.ts'
import { effectWords, scopeWords } from './pages.ts'
import { consoleTexts } from './texts.ts'

const names = new Map([
  ['prt_martin', 'Claire Martin'],
  ['cli_dossiers', 'Dossiers'],
])

test('a scope says every key that must match', () => {
  const selector = {
    practitioner: parseId('practitioner', 'prt_martin'),
    client: parseId('client', 'cli_dossiers'),
  }
  expect(scopeWords(selector, names, consoleTexts.fr)).toBe('Claire Martin et application Dossiers')
  expect(scopeWords({ everything: true }, names, consoleTexts.en)).toBe('Everybody except operators')
})

test('an id without a name is shown as it is', () => {
  expect(scopeWords({ practice: parseId('practice', 'prc_gone') }, names, consoleTexts.en)).toBe('prc_gone')
})

test('a quota of none says so', () => {
  expect(effectWords({ kind: 'quota', patients: 0 }, consoleTexts.en)).toBe('No new patient')
  expect(effectWords({ kind: 'quota', patients: 1 }, consoleTexts.fr)).toBe('1 nouveau patient au plus')
})

const draw = async (name: string, language: 'fr' | 'en' = 'fr') => String(await faces(language)[name]?.())

test('cutting many asks to confirm that they were seen', async () => {
  expect(await draw('cut')).toContain('name="understood"')
})

test('cutting oneself is said before it is done', async () => {
  const page = await draw('cut-yourself')
  expect(page).toContain('Vous aussi')
  expect(page).toContain('name="understood"')
})

test('reading goes on by default where many are touched', async () => {
  expect(await draw('cut')).toMatch(/value="read-only"[^>]* checked/)
  expect(await draw('cut-yourself')).toMatch(/value="deny"[^>]* checked/)
})

test('a lift carries the act that a passkey confirms', async () => {
  const page = await draw('restriction-confirm')
  expect(page).toContain('data-confirm-act="digest"')
  expect(page).toContain('/assets/passkey.js')
})

test('the answer tells place, moment and measure', async () => {
  const page = await draw('restriction')
  expect(page).toContain('Appliqué sur https://garde.example à 09:00:00.')
  expect(page).toContain('Mesuré : 7 ms')
})

test('the chart has its table', async () => {
  const page = await draw('practitioner')
  expect(page).toContain('<svg viewBox')
  expect(page).toMatch(/<td[^>]*data-label="Ouverts"[^>]*><span>252<\/span>/)
})

test.each(Object.keys(faces('fr')))('%s speaks both languages', async (name) => {
  expect(await draw(name, 'en')).toContain('<html lang="en">')
  expect(await draw(name, 'en')).not.toMatch(/\b(Couper|Motif|Cabinet et rôle|undefined|\[object)\b/)
  expect(await draw(name)).not.toMatch(/undefined|\[object/)
})
