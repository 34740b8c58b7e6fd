/** Literal references inside a resource: found wherever they stand, rewritten without touching the original. */

/** Every `reference` string of a JSON value, in document order. */
export function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'reference' && typeof inner === 'string' ? [inner] : referencesOf(inner),
  )
}

/** A copy in which each reference that `names` knows is replaced (`urn:uuid:…` → `Patient/…`). */
export function renameReferences<T>(value: T, names: ReadonlyMap<string, string>): T
export function renameReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => renameReferences(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'reference' && typeof inner === 'string'
        ? (names.get(inner) ?? inner)
        : renameReferences(inner as unknown, names),
    ]),
  )
}

/** `Patient/p1` of a relative reference, an absolute one under `base`, or a versioned one; undefined otherwise. */
export function localReference(reference: string, base: string): string | undefined {
  const relative = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference
  return /^([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(\/_history\/[^/]+)?$/.exec(relative)?.[1]
}
