/**
 * Puts new events on top of the table, by DOM methods only. The server sends rows as the page draws them; where the
 * stream breaks, the browser comes back with the place it had reached (Last-Event-ID), so that nothing is missed. A sum
 * of reads comes again when it grew: the line with its key goes, the new one stands on top.
 */

const labels = [...document.querySelectorAll('#events thead th')].map((head) => head.textContent ?? '')
const mostRows = 200

const place = document.querySelector('[data-events]')
const signs = [place?.querySelector('[role=status]'), place?.querySelector('button')]
const body = document.querySelector('#events tbody')
if (place instanceof HTMLElement && signs[0] instanceof HTMLElement && signs[1] instanceof HTMLElement)
  follow(place, body, signs[0], signs[1])

/**
 * @param {HTMLElement} controls
 * @param {Element | null} rows Without any there is no table yet: the page is asked for again at the first.
 * @param {HTMLElement} status
 * @param {HTMLElement} button
 */
function follow(controls, rows, status, button) {
  const { events: address = '', live = '', lost = '', pause = '', resume = '' } = controls.dataset
  let reached = ''
  /** @type {EventSource | undefined} */
  let source

  const say = (/** @type {string} */ words, /** @type {string} */ tone) => {
    status.textContent = words
    status.className = `badge ${tone}`
    status.hidden = words === ''
  }
  const open = () => {
    const url = new URL(address, location.href)
    if (reached !== '') url.searchParams.set('after', reached)
    source = new EventSource(url)
    source.addEventListener('open', () => say(live, 'good'))
    source.addEventListener('error', () => say(lost, 'caution'))
    source.addEventListener('row', (event) => {
      reached = event.lastEventId
      if (!rows) return location.reload()
      const shown = JSON.parse(event.data)
      if (shown.run) rowOfRun(rows, shown.run.key)?.remove()
      rows.prepend(row(shown))
      while (rows.childElementCount > mostRows) rows.lastElementChild?.remove()
    })
    button.textContent = pause
  }
  const close = () => {
    source?.close()
    source = undefined
    say('', 'neutral')
    button.textContent = resume
  }
  button.hidden = false
  button.addEventListener('click', () => (source ? close() : open()))
  open()
}

/** @param {Element} rows @param {string} key */
function rowOfRun(rows, key) {
  return [...rows.children].find((line) => line.querySelector('time')?.dataset['run'] === key)
}

/**
 * @typedef {{ key: string, href: string, open: string }} Run
 * @param {{ datetime: string, clock: string, label: string, tone: string, who: string, whoHref?: string, detail: string, run?: Run }} event
 */
function row(event) {
  const time = Object.assign(document.createElement('time'), {
    dateTime: event.datetime,
    textContent: event.clock,
  })
  const badge = Object.assign(document.createElement('span'), {
    className: `badge ${event.tone}`,
    textContent: event.label,
  })
  const detail = Object.assign(document.createElement('span'), {
    className: 'hint',
    textContent: event.detail,
  })
  const what = document.createElement('span')
  what.append(detail)
  if (event.run) {
    time.dataset['run'] = event.run.key
    what.append(' ', link(event.run.href, event.run.open))
  }
  const who = event.whoHref === undefined ? event.who : link(event.whoHref, event.who)
  const line = document.createElement('tr')
  line.setAttribute('role', 'row')
  line.append(...[time, badge, who, what].map(cell))
  return line
}

/** @param {string} href @param {string} words */
function link(href, words) {
  return Object.assign(document.createElement('a'), { href, textContent: words })
}

/**
 * @param {Node | string} content
 * @param {number} at
 */
function cell(content, at) {
  const element = document.createElement(at === 0 ? 'th' : 'td')
  element.setAttribute('role', at === 0 ? 'rowheader' : 'cell')
  if (at === 0) element.setAttribute('scope', 'row')
  element.dataset['label'] = labels[at] ?? ''
  const inner = document.createElement('span')
  inner.append(content)
  element.append(inner)
  return element
}
