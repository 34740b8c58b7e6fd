// Passkeys for forms marked `data-passkey`: fetches options, asks the browser, posts the answer as JSON, goes where the
// server says. And for forms marked `data-confirm-act`: a fresh passkey for this one act, sent along in `assertion`.
// Nothing here is trusted: the server takes each challenge once and checks everything again.

/** @typedef {{ title?: string, continue?: string }} Answer */

const supported =
  typeof PublicKeyCredential === 'function' &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function' &&
  typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'

/** At most one request to the browser at a time: autofill gives way to the button. @type {AbortController | undefined} */
let waiting

/** @param {string} address @param {unknown} body @returns {Promise<any>} */
async function post(address, body) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(typeof answer.title === 'string' ? answer.title : '')
  return answer
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} */
function fieldsOf(form) {
  /** @type {Record<string, string>} */
  const fields = {}
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') fields[name] = value
  return fields
}

/** @param {HTMLFormElement} form @param {CredentialMediationRequirement} [mediation] */
async function ask(form, mediation) {
  waiting?.abort()
  const controller = new AbortController()
  waiting = controller
  const options = await post(form.dataset.options ?? '', fieldsOf(form))
  const credential =
    form.dataset.passkey === 'create'
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
          signal: controller.signal,
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
          signal: controller.signal,
          ...(mediation && { mediation }),
        })
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('', 'NotAllowedError')
  return credential.toJSON()
}

/** @param {HTMLFormElement} form @param {CredentialMediationRequirement} [mediation] */
async function run(form, mediation) {
  const answer = await ask(form, mediation)
  const { continue: target } = await post(form.action, { ...fieldsOf(form), answer })
  location.assign(target)
}

/** @param {HTMLFormElement} form @param {unknown} error */
function show(form, error) {
  const place = form.querySelector('[data-passkey-problem]')
  if (!(place instanceof HTMLElement)) return
  const name = error instanceof DOMException ? error.name : ''
  const known = name === 'InvalidStateError' ? form.dataset.known : form.dataset.cancelled
  const words = error instanceof Error && name === '' && error.message !== '' ? error.message : known
  const paragraph = document.createElement('p')
  paragraph.textContent = words ?? ''
  place.replaceChildren(paragraph)
  place.hidden = false
}

/** Whoever has no passkey here must not look for the other way in. */
function offerOtherWay() {
  const other = document.querySelector('details[data-other-way]')
  if (other instanceof HTMLDetailsElement) other.open = true
}

/** Autofill asks quietly and stays; its challenge lives five minutes, so it is asked anew before. @param {HTMLFormElement} form */
async function autofill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  const again = async () => {
    try {
      await run(form, 'conditional')
    } catch (error) {
      if (!(error instanceof DOMException)) show(form, error)
    }
  }
  setInterval(() => {
    if (document.visibilityState === 'visible' && !busy) void again()
  }, 240_000)
  await again()
}

let busy = false

/** @param {HTMLFormElement} form */
function wire(form) {
  const button = form.querySelector('button')
  if (!supported) {
    const missing = form.querySelector('[data-passkey-missing]')
    if (missing instanceof HTMLElement) missing.hidden = false
    offerOtherWay()
    return
  }
  if (button) button.hidden = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (busy) return
    busy = true
    run(form)
      .catch((error) => {
        show(form, error)
        offerOtherWay()
      })
      .finally(() => {
        busy = false
      })
  })
  if (form.dataset.autofill === 'yes') void autofill(form)
}

/** @param {HTMLFormElement} form */
function wireConfirmation(form) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (busy) return
    busy = true
    confirmAct(form)
      .catch((error) => show(form, error))
      .finally(() => {
        busy = false
      })
  })
}

/** @param {HTMLFormElement} form */
async function confirmAct(form) {
  const options = await post('/signin/confirm/options', { act: form.dataset.confirmAct })
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  })
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('', 'NotAllowedError')
  // Coming back to the page finds the field of the last time.
  form.querySelector('input[name="assertion"]')?.remove()
  const field = document.createElement('input')
  field.type = 'hidden'
  field.name = 'assertion'
  field.value = JSON.stringify(credential.toJSON())
  form.append(field)
  form.submit()
}

for (const form of document.querySelectorAll('form[data-passkey]'))
  if (form instanceof HTMLFormElement) wire(form)
for (const form of document.querySelectorAll('form[data-confirm-act]'))
  if (supported && form instanceof HTMLFormElement) wireConfirmation(form)
