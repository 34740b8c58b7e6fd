/** The two languages of the interface. French is the source, English the second; a missing key does not compile. */

export const languages = ['fr', 'en'] as const
export type Language = (typeof languages)[number]

/** RFC 9110 §12.5.4, reduced to what we speak: the first of ours in order of preference; French otherwise. */
export function chooseLanguage(acceptLanguage: string | null | undefined): Language {
  const ranked = (acceptLanguage ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';')
      const q = parameters.map((p) => p.trim()).find((p) => p.startsWith('q='))
      return { tag: tag.split('-')[0], q: q ? Number(q.slice(2)) : 1 }
    })
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q)
  for (const { tag } of ranked) if (tag === 'fr' || tag === 'en') return tag
  return 'fr'
}

/** OpenID Connect Core §3.1.2.1, `ui_locales`: BCP 47 tags in order of preference. Undefined when none is ours. */
export function languageAmong(uiLocales: string): Language | undefined {
  const primary = uiLocales.split(' ').map((tag) => tag.split('-')[0]?.toLowerCase())
  return primary.flatMap((tag) => languages.filter((language) => language === tag))[0]
}
