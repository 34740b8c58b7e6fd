// Buttons that copy the text beside them. They are hidden until this module is there and the browser can.

for (const place of document.querySelectorAll('.copyable')) {
  const button = place.querySelector('button')
  const text = place.querySelector('code')
  const status = place.querySelector('[role=status]')
  if (button && text && status instanceof HTMLElement && navigator.clipboard) wire(button, text, status)
}

/**
 * @param {HTMLButtonElement} button
 * @param {Element} text
 * @param {HTMLElement} status
 */
function wire(button, text, status) {
  const label = button.firstChild
  const words = label?.textContent ?? ''
  const say = (/** @type {string} */ said, /** @type {string} */ shown) => {
    status.textContent = said
    if (label) label.textContent = shown
  }
  const copy = async () => {
    await navigator.clipboard.writeText(text.textContent ?? '')
    const done = status.dataset.copied ?? ''
    say(done, done)
    setTimeout(() => say('', words), 2000)
  }
  button.hidden = false
  button.addEventListener('click', () => void copy())
}
