/** Protocols 7, the grammar of SMART scopes: what is read, how it is written, and that narrowing only narrows. */

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  constraintPaths,
  coversSmart,
  narrowSmart,
  parseSmartScope,
  printSmartScope,
  type SmartScope,
} from './smart-scope.ts'

const written = (text: string): string | undefined => {
  const scope = parseSmartScope(text)
  return scope && printSmartScope(scope)
}

describe('protocols 7: the scope grammar', () => {
  test.each([
    ['patient/Observation.rs', 'patient/Observation.rs'],
    ['user/*.cruds', 'user/*.cruds'],
    ['system/Patient.c', 'system/Patient.c'],
    ['patient/*.read', 'patient/*.rs'],
    ['user/Observation.write', 'user/Observation.cud'],
    ['user/*.*', 'user/*.cruds'],
    [
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
    ],
    ['user/Condition.r?code=a&category=b', 'user/Condition.r?category=b&code=a'],
  ])('%s is written %s', (text, canonical) => expect(written(text)).toBe(canonical))

  test.each([
    'patient/Observation.sr',
    'patient/Observation.rr',
    'patient/Observation.',
    'patient/Observation',
    'patient/observation.rs',
    'practice/Observation.rs',
    'patient/Observation.rs?',
    'patient/Observation.rs?code',
    'patient/Observation.rs?code=',
    'patient/Observation.rs?code:in=http://a/b',
    'patient/Observation.rs?code:not=a',
    'patient/Observation.rs?subject.name=a',
    'patient/Observation.rs?_filter=code',
    'patient/Observation.rs?_has:Provenance:target:agent=a',
    'patient/Observation.rs?_count=5',
    'patient/Observation.rs?code=a,b',
    'patient/Observation.rs?code=a%2Cb',
    'patient/Observation.rs?code=a\n',
    'patient/Observation.rs?code=a?code=b',
    'patient/*.rs patient/*.cud',
    'patient/*.readwrite',
  ])('%s is refused', (text) => expect(parseSmartScope(text)).toBeUndefined())
})

const scopes: fc.Arbitrary<SmartScope> = fc
  .record({
    context: fc.constantFrom('patient' as const, 'user' as const, 'system' as const),
    type: fc.constantFrom('*', 'Patient', 'Observation', 'Condition'),
    letters: fc.subarray('cruds'.split(''), { minLength: 1 }).map((letters) => letters.join('')),
    constraints: fc
      .subarray(
        [...constraintPaths.keys()].slice(0, 3).flatMap((name) => [`${name}=a`, `${name}=http://s|b`]),
        { maxLength: 2 },
      )
      .map((parts) => parts.toSorted()),
  })
  .filter(({ constraints }) => constraints.length <= 5)
const some = fc.array(scopes, { maxLength: 5 })

/** One letter of one type: what a scope allows is the set of these, each under its constraints. */
const allows = (
  held: readonly SmartScope[],
  one: { context: string; type: string; letter: string; answers: readonly string[] },
): boolean =>
  held.some(
    ({ context, type, letters, constraints }) =>
      context === one.context &&
      (type === '*' || type === one.type) &&
      letters.includes(one.letter) &&
      constraints.every((constraint) => one.answers.includes(constraint)),
  )

const requests = fc.record({
  context: fc.constantFrom('patient', 'user', 'system'),
  type: fc.constantFrom('Patient', 'Observation', 'Condition', 'Task'),
  letter: fc.constantFrom(...'cruds'.split('')),
  answers: fc.subarray(['category=a', 'category=http://s|b', 'code=a', 'code=http://s|b', 'status=a']),
})

describe('narrowing', () => {
  test('what is written is read back the same', () =>
    fc.assert(
      fc.property(scopes, (scope) => {
        expect(parseSmartScope(printSmartScope(scope))).toEqual(scope)
      }),
    ))

  test('lets through exactly what both let through', () =>
    fc.assert(
      fc.property(some, some, requests, (asked, held, request) => {
        const narrowed = narrowSmart(asked, held)
        expect(allows(narrowed, request)).toBe(allows(asked, request) && allows(held, request))
      }),
      { numRuns: 2000 },
    ))

  test('each scope left is within one asked for and within one held, as far as one scope can say it', () =>
    fc.assert(
      fc.property(some, some, (asked, held) => {
        for (const left of narrowSmart(asked, held))
          for (const letter of left.letters) {
            const one = { ...left, letters: letter }
            expect(asked.some((outer) => coversSmart(outer, one))).toBe(true)
            expect(held.some((outer) => coversSmart(outer, one))).toBe(true)
          }
      }),
    ))

  test('twice is as once', () =>
    fc.assert(
      fc.property(some, some, (asked, held) => {
        const once = narrowSmart(asked, held).map(printSmartScope)
        const twice = narrowSmart(narrowSmart(asked, held), held).map(printSmartScope)
        expect(twice.toSorted()).toEqual(once.toSorted())
      }),
    ))

  test.each([
    ['* asked of one type held', 'user/*.cruds', 'user/Patient.rs', ['user/Patient.rs']],
    ['a star is no context', 'user/*.rs', 'patient/*.rs', []],
    ['a star is no letter', 'user/*.*', 'user/Observation.r', ['user/Observation.r']],
    ['a limit held is a limit granted', 'user/*.rs', 'user/*.rs?code=a', ['user/*.rs?code=a']],
    ['limits add up', 'user/*.rs?code=a', 'user/*.rs?code=b', ['user/*.rs?code=a&code=b']],
  ])('%s', (_name, asked, held, left) => {
    const read = (text: string) => [parseSmartScope(text) ?? []].flat()
    expect(narrowSmart(read(asked), read(held)).map(printSmartScope)).toEqual(left)
  })
})
