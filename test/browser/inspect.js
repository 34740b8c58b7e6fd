/** Runs in the page: what an accessibility checker would say first. @returns {string[]} */
export function inspect() {
  /** @type {string[]} */
  const faults = []
  /** @param {string} fault @param {Element} element */
  const say = (fault, element) =>
    faults.push(`${fault}: ${element.outerHTML.slice(0, 120).replace(/\s+/g, ' ')}`)
  /** @param {Element} element */
  const seen = (element) => element.checkVisibility() && !element.closest('.unseen')
  if (document.documentElement.scrollWidth > window.innerWidth)
    faults.push(`overflows: ${document.documentElement.scrollWidth} px`)
  for (const element of document.querySelectorAll('input:not([type=hidden], [hidden]), select, textarea')) {
    if (/** @type {HTMLInputElement} */ (element).labels?.length !== 1) say('has no label', element)
  }
  for (const element of document.querySelectorAll('button, a, summary')) {
    if (seen(element) && element.textContent?.trim() === '' && !element.hasAttribute('aria-label'))
      say('has no name', element)
  }
  for (const element of document.querySelectorAll('button, .button, select, .input, .nav a')) {
    const { height, width } = element.getBoundingClientRect()
    if (seen(element) && (height < 43.5 || width < 24)) say(`is small (${height} px)`, element)
  }
  for (const element of document.querySelectorAll('[aria-describedby], [aria-labelledby]')) {
    const named = ['aria-describedby', 'aria-labelledby'].flatMap(
      (name) => element.getAttribute(name)?.split(' ') ?? [],
    )
    for (const name of named) if (!document.getElementById(name)) say(`points to no #${name}`, element)
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`#${id} twice`)
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]))
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1)
    faults.push(`headings ${levels.join()}`)
  levels.forEach((level, at) => {
    if (at > 0 && level > (levels[at - 1] ?? 0) + 1) faults.push(`heading level jumps: ${levels.join()}`)
  })
  for (const element of document.querySelectorAll('.card'))
    if (element.scrollWidth > element.clientWidth + 1) say('content leaves its card', element)
  for (const landmark of ['header', 'main', 'footer'])
    if (document.querySelectorAll(`body > ${landmark}`).length !== 1) faults.push(`one ${landmark} expected`)
  if (document.querySelector('[style]')) faults.push('an inline style')
  return faults
}
