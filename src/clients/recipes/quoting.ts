/** A value as a literal of each syntax. Line breaks never come this far: `recipe.ts` refuses them. */

/** JavaScript, JSON, and TOML's basic strings, which escape alike. */
export const quoted = (value: string): string => JSON.stringify(value)

/** POSIX shell, quoted so that nothing in it is read: `'it'\''s'`. */
export const shellQuoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`

/** Apache's configuration: inside double quotes only the quote and the backslash are escaped. */
export const apacheQuoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A value of a Java properties file, in ASCII, as `Properties.load` reads it. */
export const propertyValue = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/^ /, '\\ ')
    .replaceAll(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
