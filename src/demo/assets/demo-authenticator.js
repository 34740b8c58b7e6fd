// The demonstration's authenticator in the page: a bar at the foot that offers it and, once the visitor has chosen
// somebody, answers for that person in place of the browser's own passkeys. Served by `npm run demo` only.
{
  const prefix = '/demo/authenticator'
  const storageKey = 'garde-demo-person'
  const french = () => document.documentElement.lang !== 'en'
  /** @param {string} fr @param {string} en */
  const say = (fr, en) => (french() ? fr : en)

  const chosen = () => localStorage.getItem(storageKey)

  /** @param {BufferSource} source */
  const toText = (source) => {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source)
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  }
  /** @param {string} text */
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)).buffer

  /** Options as a page hands them over, spelt as JSON. @param {unknown} value @returns {unknown} */
  const spelt = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
      return toText(/** @type {BufferSource} */ (value))
    if (Array.isArray(value)) return value.map(spelt)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spelt(inner)]))
  }

  /**
   * What the page takes for a PublicKeyCredential.
   * @param {{ id: string, rawId: string, response: Record<string, unknown>, authenticatorAttachment: string, clientExtensionResults: object }} json
   */
  const credentialOf = (json) => {
    const binary = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
    const response = Object.fromEntries(
      Object.entries(json.response).map(([name, value]) => [
        name,
        binary.includes(name) ? toBytes(String(value)) : value,
      ]),
    )
    const fields = {
      ...json,
      type: 'public-key',
      rawId: toBytes(json.rawId),
      response: { ...response, getTransports: () => json.response['transports'] ?? [] },
      getClientExtensionResults: () => json.clientExtensionResults,
      toJSON: () => json,
    }
    // Its own properties stand before the getters of the prototype, which answer only for the browser's own.
    return Object.create(PublicKeyCredential.prototype, Object.getOwnPropertyDescriptors(fields))
  }

  /** @param {'create' | 'get'} ceremony @param {string} person @param {unknown} options */
  const ask = async (ceremony, person, options) => {
    const answer = await fetch(`${prefix}/${ceremony}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ person, options: spelt(options) }),
    })
    const json = await answer.json()
    if (!answer.ok) throw new DOMException(say('Cette personne n’a pas de clé.', 'No passkey.'), json.error)
    return credentialOf(json)
  }

  /** An offer in the background waits for the visitor's button. @param {AbortSignal | undefined} signal */
  const waitForAbort = (signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })

  const { credentials } = navigator
  for (const ceremony of /** @type {const} */ (['create', 'get'])) {
    const native = credentials[ceremony].bind(credentials)
    Object.defineProperty(credentials, ceremony, {
      value: (/** @type {CredentialRequestOptions & CredentialCreationOptions} */ options = {}) => {
        const person = chosen()
        if (person === null || !options.publicKey) return native(options)
        if (options.mediation === 'conditional') return waitForAbort(options.signal)
        return ask(ceremony, person, options.publicKey)
      },
    })
  }

  /**
   * @template {HTMLElement} E
   * @param {E} made @param {Partial<E>} properties @param {...(Node | string)} children
   */
  const filled = (made, properties, ...children) => {
    Object.assign(made, properties)
    made.append(...children)
    return made
  }
  /** @param {string} text @param {() => void} act */
  const button = (text, act) => {
    const made = filled(document.createElement('button'), { type: 'button' }, text)
    made.addEventListener('click', act)
    return made
  }

  /** @typedef {{ fr: string, en: string }} Words */
  /** @typedef {{ label: Words, people: { key: string, name: string, detail: Words }[] }} Group */

  const show = async () => {
    const bar = filled(document.createElement('aside'), { className: 'demo-authenticator' })
    bar.setAttribute('aria-label', say('Authentificateur de démonstration', 'Demo authenticator'))
    document.head.append(
      filled(document.createElement('link'), { rel: 'stylesheet', href: `${prefix}/style.css` }),
    )
    document.body.append(bar)
    const person = chosen()
    /** @type {Group[]} */
    const groups = await (await fetch(`${prefix}/people`)).json()
    const known = groups.flatMap(({ people }) => people).find(({ key }) => key === person)
    if (known) showChosen(bar, known.name)
    else showOffer(bar, groups)
  }

  /** @param {HTMLElement} bar @param {string} name */
  const showChosen = (bar, name) => {
    const off = button(say('Changer ou désactiver', 'Change or switch off'), () => {
      localStorage.removeItem(storageKey)
      location.reload()
    })
    bar.append(
      filled(
        document.createElement('p'),
        {},
        say('Clé d’accès de démonstration : ', 'Demo passkey: '),
        filled(document.createElement('strong'), {}, name),
      ),
      off,
    )
  }

  /** @param {HTMLElement} bar @param {Group[]} groups */
  const showOffer = (bar, groups) => {
    const language = french() ? 'fr' : 'en'
    const select = filled(document.createElement('select'), { id: 'demo-person' })
    for (const { label, people } of groups) {
      const options = people.map(({ key, name, detail }) =>
        filled(document.createElement('option'), { value: key }, `${name}, ${detail[language]}`),
      )
      select.append(filled(document.createElement('optgroup'), { label: label[language] }, ...options))
    }
    // The console's sign-in stands at its own address and says where it leads.
    const wanted = new URLSearchParams(location.search).get('continue') ?? location.pathname
    if (wanted.startsWith('/console')) select.value = groups.at(-1)?.people[0]?.key ?? ''
    const use = button(say('Utiliser sa clé', 'Use their passkey'), () => {
      localStorage.setItem(storageKey, select.value)
      location.reload()
    })
    bar.append(
      filled(
        document.createElement('label'),
        { htmlFor: 'demo-person' },
        say('Démonstration, sans clé d’accès à vous : être ', 'Demo, without a passkey of your own: be '),
      ),
      select,
      use,
    )
  }

  document.addEventListener('DOMContentLoaded', () => void show())
}
