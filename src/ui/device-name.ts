/** A browser as its owner would name it: `Firefox, Windows`. For recognition only; nothing is decided from it. */

/** Order matters: most browsers also claim to be the ones below them. */
const browsers: [pattern: RegExp, name: string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

const systems: [pattern: RegExp, name: string][] = [
  [/Windows/, 'Windows'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** Undefined when neither is known. */
export function deviceName(userAgent: string): string | undefined {
  const known = [browsers, systems].map((table) => table.find(([pattern]) => pattern.test(userAgent))?.[1])
  return known.filter((name) => name !== undefined).join(', ') || undefined
}
