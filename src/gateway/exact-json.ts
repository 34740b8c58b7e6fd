/**
 * JSON of which only one reading exists. What was checked is written out again, so a name given twice, a broken encoding
 * or a trailing surprise never reaches a second parser; numbers keep their spelling (in FHIR, 1.50 is not 1.5).
 */

interface SourceText {
  source?: string
}
/** ECMAScript's JSON.parse source text access, in V8 since 11.4 and not yet in the library types. */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: SourceText) => unknown): unknown
  rawJSON(text: string): unknown
}

const decoder = new TextDecoder('utf-8', { fatal: true })
const encoder = new TextEncoder()

/** Throws TypeError, SyntaxError, or RangeError (nested too deep). */
export const parseExact = (bytes: Uint8Array): unknown => json.parse(decoder.decode(bytes), keepSpelling)

const keepSpelling = (_key: string, value: unknown, context: SourceText): unknown =>
  typeof value === 'number' && context.source !== undefined && String(value) !== context.source
    ? json.rawJSON(context.source)
    : value

export const writeExact = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value))
