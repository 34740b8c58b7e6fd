import { html } from 'hono/html'
import { expect, test } from 'vitest'
import { card, notice, table } from './components.ts'
import { page } from './layout.ts'

test('a table has a caption, column headers and a header in each row', async () => {
  const markup = String(
    await table({
      caption: 'Sessions',
      columns: ['Appareil', { label: 'Patients', numeric: true }],
      rows: [['Firefox', '12']],
      empty: 'Aucune.',
    }),
  )
  expect(markup).toContain('<caption>Sessions</caption>')
  expect(markup.match(/scope="col"/g)).toHaveLength(2)
  expect(markup).toContain('scope="row"')
  expect(markup).toContain('data-label="Patients"')
})

test('a table without rows says so in a sentence', async () => {
  expect(String(await table({ caption: 'x', columns: ['a'], rows: [], empty: 'Aucune <session>.' }))).toBe(
    '<p class="empty">Aucune &lt;session&gt;.</p>',
  )
})

test('a card is a region named by its heading', async () => {
  const markup = String(await card({ id: 'keys', title: 'Clés', content: 'rien' }))
  expect(markup).toContain('aria-labelledby="keys-title"')
  expect(markup).toContain('<h2 id="keys-title">Clés</h2>')
})

test('a notice keeps text apart from markup', async () => {
  expect(String(await notice({ tone: 'danger', content: '<b>', role: 'alert' }))).toContain(
    '<p>&lt;b&gt;</p>',
  )
  expect(String(await notice({ tone: 'good', content: html`<p><b>x</b></p>` }))).toContain('<b>x</b>')
})

test('a page has one language, one main, a skip link and nothing inline', async () => {
  const markup = String(
    await page({
      language: 'en',
      title: 'Sessions',
      content: 'x',
      address: '/account?a=1',
      scripts: ['events'],
    }),
  )
  expect(markup).toContain('<html lang="en">')
  expect(markup).toContain('href="#content"')
  expect(markup.match(/<main/g)).toHaveLength(1)
  expect(markup).toContain('href="/account?a=1&amp;language=fr"')
  expect(markup).not.toMatch(/ style="| on\w+="|<style|<script(?![^>]* src=)/)
})
