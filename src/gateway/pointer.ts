/** JSON pointers (RFC 6901) into parsed JSON; own properties only. */

export function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const escaped of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(value, token)) return undefined
    value = (value as Record<string, unknown>)[token]
  }
  return value
}

/** A string, or an array of strings; numbers as they are written. Anything else names nothing. */
export function namesAt(document: unknown, pointer: string): string[] {
  const value = valueAt(document, pointer)
  const values: unknown[] = Array.isArray(value) ? value : [value]
  const names = values.map((one) => (typeof one === 'number' ? String(one) : one))
  return names.every((one): one is string => typeof one === 'string' && one !== '') ? names : []
}
