import { expect, test } from 'vitest'
import { button, choices, field, form, select } from './forms.ts'

test('a field ties label, hint and problem to its input', async () => {
  const markup = String(
    await field({
      name: 'reason',
      label: 'Motif',
      hint: 'Une phrase.',
      problem: 'Donnez un motif.',
      required: true,
    }),
  )
  expect(markup).toContain('<label for="reason">Motif</label>')
  expect(markup).toContain('aria-describedby="reason-hint reason-problem"')
  expect(markup).toContain('aria-invalid="true"')
  expect(markup).toContain('id="reason-problem">Donnez un motif.')
  expect(markup).toMatch(/<input[^>]* required/)
})

test('a field without remarks describes nothing', async () => {
  expect(String(await field({ name: 'a', label: 'A' }))).not.toContain('aria-')
})

test('what a person typed comes back escaped', async () => {
  const markup = String(await field({ name: 'label', label: 'Nom', value: '"><script>alert(1)</script>' }))
  expect(markup).not.toContain('<script>')
  expect(markup).toContain('value="&quot;&gt;&lt;script&gt;')
})

test('forms post', async () => {
  const markup = String(
    await form({ action: '/x', hidden: { id: 'a"b' }, content: button({ label: 'Couper' }) }),
  )
  expect(markup).toContain('method="post" action="/x"')
  expect(markup).toContain('value="a&quot;b"')
})

test('choices have a legend and one label each', async () => {
  const options = [
    { value: 'deny', label: 'Tout refuser', hint: 'Rien ne passe.' },
    { value: 'read-only', label: 'Lecture seule' },
  ]
  const markup = String(await choices({ name: 'effect', label: 'Effet', options, value: 'deny' }))
  expect(markup).toContain('<legend>Effet</legend>')
  expect(markup).toContain('<label for="effect-deny">')
  expect(markup).toContain('aria-describedby="effect-deny-hint"')
  expect(markup.match(/ checked/g)).toHaveLength(1)
})

test('a select marks what is chosen', async () => {
  const options = [
    { value: '1', label: 'un' },
    { value: '2', label: 'deux' },
  ]
  expect(String(await select({ name: 'n', label: 'N', options, value: '2' }))).toContain('value="2" selected')
})
