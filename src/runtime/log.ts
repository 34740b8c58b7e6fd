/**
 * Structured logs: one JSON object per line. Everything passes the redaction below, by name of the field and by shape of
 * the value, so that a mistake elsewhere does not put a secret, a cookie, an e-mail or a link on a disk.
 */

import type { Log, LogLevel } from '../core/ports.ts'

/** Fields whose value never appears, whatever it is. */
const secretNames =
  /^(authorization|proxy-?authorization|cookie|set-?cookie|dpop|password|passphrase|secret|client_?secret|token|access_?token|refresh_?token|id_?token|code|code_?verifier|assertion|link|link_?hash|email|e-?mail|key|private_?key|key_?encryption_?key|database_?url|body|query|params|parameters)$/i

/** Shapes that never appear, wherever they stand; the replacement keeps what helps to find the fault. */
const secretShapes: readonly (readonly [RegExp, string])[] = [
  // A failed query carries its values after this word (drizzle).
  [/\nparams: [^]*?(?=\n {4}at |$)/g, '\nparams: [redacted]'],
  [/\beyJ[\w-]{8,}\.[\w-]*(\.[\w-]*){0,3}/g, '[jwt]'],
  [/\b(Bearer|DPoP|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\b(postgres(?:ql)?):\/\/[^\s"'@]*@/g, '$1://[redacted]@'],
  [/(https?:\/\/[^\s"'?#]*)[?#][^\s"']*/g, '$1?[redacted]'],
  [/[\w.+-]+@[\w-]+\.[\w.-]*\w/g, '[email]'],
  // 256 random bits or their hash, base64url: sessions, codes, one-time links (core/secret.ts).
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, '[secret]'],
]

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** `write` receives whole lines. */
export function createLog(
  least: LogLevel,
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): Log {
  return (level, message, fields = {}) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return
    const line = { at: now().toISOString(), level, message, ...fields }
    write(`${JSON.stringify(redact(line))}\n`)
  }
}

/** Answers a copy that is safe to write down: redacted, at most six levels deep, strings at most 4,000 characters. */
export function redact(value: unknown, depth = 6): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return redactText(value.stack ?? value.message)
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '[deeper]'
  if (Array.isArray(value)) return value.map((item) => redact(item, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      secretNames.test(name) && field !== undefined ? '[redacted]' : redact(field, depth - 1),
    ]),
  )
}

const redactText = (text: string): string =>
  secretShapes.reduce((safe, [shape, replacement]) => safe.replace(shape, replacement), text).slice(0, 4_000)
