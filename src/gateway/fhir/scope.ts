/** SMART App Launch 2.2 scopes: `(user|system)/(Type|*).[cruds]`. They limit what may be asked; they never extend it. */

import { Refusal } from '../../core/refusal.ts'

type Letter = 'c' | 'r' | 'u' | 'd' | 's'

/**
 * v2 letters come in this order and at most once; v1 words are translated. A scope with a query part limits in a way not
 * understood here, and a `patient/` scope needs a patient in context: neither grants anything.
 */
const shape = /^(?:user|system)\/([A-Z][A-Za-z]+|\*)\.(?:(c?r?u?d?s?)|(read|write|\*))$/
const words: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** `type` `*`: every type. */
export function grants(scope: string, type: string, letter: Letter): boolean {
  for (const one of scope.split(' ')) {
    const [matched, of, letters, word] = shape.exec(one) ?? []
    if (matched === undefined || (of !== '*' && of !== type)) continue
    if ((letters || words[word ?? ''] || '').includes(letter)) return true
  }
  return false
}

/** Refuses `insufficient_scope`. */
export function requireScope(scope: string, type: string, letter: Letter): void {
  if (!grants(scope, type, letter))
    throw new Refusal('insufficient_scope', { scope: `user/${type}.${letter}` })
}
