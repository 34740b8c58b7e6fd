/** A simple user agent: cookies, links and forms, `Refresh`, and where it was; no script, no Fetch Metadata, no `Origin`. */

export interface Shown {
  url: URL
  status: number
  page: string
}

/** One form of a page. `fields`: what it would send unless something else is typed. */
interface PageForm {
  action: string
  fields: Record<string, string>
  /** Buttons and choices by the words beside them. */
  offers: Record<string, [name: string, value: string]>
}

export function simpleAgent(issuer: string) {
  const cookies = new Map<string, string>()
  let here: Shown | undefined

  const send = async (url: URL, form?: Record<string, string>): Promise<Response> => {
    const answer = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'accept-language': 'fr',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(here && { referer: here.url.href }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  /** Follows what needs no decision; stops at a page, or at the door of another origin. */
  const go = async (address: string, form?: Record<string, string>): Promise<Shown> => {
    let url = new URL(address, here?.url ?? issuer)
    let answer = await send(url, form)
    for (let hops = 0; hops < 12; hops++) {
      const page = await answer.text()
      here = { url, status: answer.status, page }
      const next =
        answer.headers.get('location') ?? /^0; url=(.*)$/.exec(answer.headers.get('refresh') ?? '')?.[1]
      if (next === undefined || next === null) return here
      url = new URL(next, url)
      if (url.origin !== issuer) return (here = { url, status: 0, page: '' })
      answer = await send(url)
    }
    throw new Error('redirected in a circle')
  }

  return {
    cookies,
    open: go,
    /** Follows the link with these words. */
    link: (words: string): Promise<Shown> => {
      const found = linksOf(here?.page ?? '').find(({ text }) => text === words)
      if (!found) throw new Error(`no link “${words}”`)
      return go(found.href)
    },
    /** Fills in and sends the form that has a button with these words. `choose`: words beside a choice. */
    press: (words: string, typed: Record<string, string> = {}, choose?: string): Promise<Shown> => {
      const form = formsOf(here?.page ?? '').find(({ offers }) => words in offers)
      if (!form) throw new Error(`no button “${words}”`)
      const chosen = choose === undefined ? [] : [form.offers[choose] ?? ['', '']]
      const button = form.offers[words] ?? ['', '']
      const given = Object.fromEntries([...chosen, button].filter(([name]) => name !== ''))
      return go(form.action, { ...form.fields, ...typed, ...given })
    },
  }
}

const plain = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', '’')
    .replaceAll(/[ \n]+/g, ' ')
    .trim()
const attribute = (tag: string, name: string): string =>
  (new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('&quot;', '"')

const linksOf = (page: string) =>
  Array.from(page.matchAll(/<a( [^>]*)>(.*?)<\/a\s*>/gs), ([, tag = '', inner = '']) => ({
    href: attribute(tag, 'href'),
    text: plain(inner),
  }))

/** Those a person without script can send: others have no button they could see. */
function formsOf(page: string): PageForm[] {
  return Array.from(page.matchAll(/<form([^>]*)>(.*?)<\/form>/gs), ([, tag = '', inner = '']) => {
    const inputs = Array.from(inner.matchAll(/<input([^>]*)\/?>/gs), ([, input = '']) => ` ${input}`)
    const buttons = Array.from(inner.matchAll(/<button([^>]*)>(.*?)<\/button>/gs))
    const sent = inputs.filter((input) => !['radio', 'checkbox'].includes(attribute(input, 'type')))
    const radios = inputs.filter((input) => attribute(input, 'type') === 'radio')
    const label = (id: string) =>
      plain(new RegExp(`<label for="${id}">(.*?)</label>`, 's').exec(inner)?.[1] ?? '')
    return {
      action: attribute(tag, 'action'),
      fields: Object.fromEntries(sent.map((input) => [attribute(input, 'name'), attribute(input, 'value')])),
      offers: Object.fromEntries([
        ...buttons
          .filter(([, button = '']) => !/ hidden/.test(button))
          .map(([, button = '', words = '']) => [
            plain(words),
            [attribute(button, 'name'), attribute(button, 'value')],
          ]),
        ...radios.map((radio) => [
          label(attribute(radio, 'id')),
          [attribute(radio, 'name'), attribute(radio, 'value')],
        ]),
      ]) as PageForm['offers'],
    }
  })
}
