import { describe, expect, test } from 'vitest'
import { parseTarget } from './path.ts'

describe('targets read in one way', () => {
  test.each([
    ['/fhir', '/fhir', ''],
    ['/fhir/Patient/p1', '/fhir/Patient/p1', ''],
    ['/fhir/Patient/a.b-c', '/fhir/Patient/a.b-c', ''],
    ['/fhir/Patient/..a', '/fhir/Patient/..a', ''],
    ['/fhir/Patient?name=Zo%C3%A9&_count=2', '/fhir/Patient', 'name=Zo%C3%A9&_count=2'],
    ['/fhir/Observation?code=http://loinc.org|1234-5', '/fhir/Observation', 'code=http://loinc.org|1234-5'],
    ['/fhir/Observation?subject=Patient%2Fp1', '/fhir/Observation', 'subject=Patient%2Fp1'],
    ['/records/patients/%C3%A9t%C3%A9', '/records/patients/%C3%A9t%C3%A9', ''],
    ['/fhir?', '/fhir', ''],
  ])('%s', (target, path, query) => {
    expect(parseTarget(target)).toEqual({ path, query })
  })
})

describe('refused, not repaired', () => {
  test.each([
    ['encoded slash', '/fhir/Patient%2Fp1'],
    ['encoded slash, small letters', '/fhir/Patient%2fp1'],
    ['dot segment', '/fhir/../admin'],
    ['single dot', '/fhir/./Patient'],
    ['trailing dots', '/fhir/..'],
    ['encoded dots', '/fhir/%2E%2E/admin'],
    ['half encoded dots', '/fhir/.%2e/admin'],
    ['backslash', '/fhir\\Patient'],
    ['encoded backslash', '/fhir%5CPatient'],
    ['path parameter', '/fhir/Patient;x=1/p1'],
    ['encoded semicolon', '/fhir/Patient%3Bx/p1'],
    ['NUL', '/fhir/Patient/p1%00'],
    ['line feed', '/fhir/Patient/p1%0A'],
    ['delete', '/fhir/Patient/p1%7F'],
    ['raw control', '/fhir/Patient/p1\n'],
    ['double encoding', '/fhir/%252e%252e/admin'],
    ['fragment', '/fhir/Patient/p1#x'],
    ['encoded fragment', '/fhir/Patient/p1%23x'],
    ['encoded question mark', '/fhir/Patient/p1%3Fx'],
    ['empty segment', '/fhir//Patient'],
    ['trailing slash', '/fhir/'],
    ['two slashes first', '//fhir/Patient'],
    ['second spelling of a letter', '/fhir/Patient/%70%31'],
    ['second spelling of a digit', '/fhir/Patient/p%31'],
    ['second spelling of a hyphen', '/fhir/Patient/p%2D1'],
    ['second spelling of @', '/records/patients/a%40b'],
    ['small hexadecimal digits', '/records/%c3%a9'],
    ['broken encoding', '/fhir/Patient/p%1'],
    ['broken UTF-8', '/records/%C3%28'],
    ['overlong slash', '/fhir/Patient%C0%AFp1'],
    ['raw non-ASCII', '/records/é'],
    ['space', '/fhir/Patient/p 1'],
    ['absolute form', 'http://elsewhere/fhir/Patient/p1'],
    ['asterisk', '*'],
    ['nothing', ''],
    ['NUL in the query', '/fhir/Patient?name=a%00b'],
    ['semicolon in the query', '/fhir/Patient?name=a;organization=b'],
    ['fragment in the query', '/fhir/Patient?name=a#b'],
    ['backslash in the query', '/fhir/Patient?name=a\\b'],
    ['broken UTF-8 in the query', '/fhir/Patient?name=%FF'],
    ['raw non-ASCII in the query', '/fhir/Patient?name=é'],
  ])('%s', (_what, target) => {
    expect(() => parseTarget(target)).toThrow(expect.objectContaining({ reason: 'ambiguous_path' }))
  })
})
