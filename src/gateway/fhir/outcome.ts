/**
 * The upstream's account of what went wrong, as far as it may leave: how grave, of which kind, at which element. Its words
 * stay, because they may be about somebody else ("already registered as Patient/p2").
 */

import { Refusal } from '../../core/refusal.ts'
import { isObject, typeOf, type JsonObject } from './references.ts'

const mostIssues = 100
const kept: readonly [string, RegExp][] = [
  ['severity', /^(?:fatal|error|warning|information)$/],
  ['code', /^[a-z]+(?:-[a-z]+)*$/],
]
/** A path of elements and their numbers, no function and no literal. */
const elementPath = /^[A-Za-z]+(?:\[\d{1,4}\])?(?:\.[A-Za-z]+(?:\[\d{1,4}\])?)*$/

/** Refuses `answer_uninspectable` when it is anything else than an OperationOutcome. */
export function bareOutcome(document: unknown): JsonObject {
  const issues = isObject(document) && typeOf(document) === 'OperationOutcome' ? document['issue'] : undefined
  if (!Array.isArray(issues))
    throw new Refusal('answer_uninspectable', { fault: 'expected an OperationOutcome' })
  const issue = (issues as unknown[]).slice(0, mostIssues).filter(isObject).map(bareIssue)
  return { resourceType: 'OperationOutcome', issue }
}

function bareIssue(issue: JsonObject): JsonObject {
  const bare: JsonObject = {}
  for (const [name, shape] of kept) {
    const value = issue[name]
    if (typeof value === 'string' && value.length <= 40 && shape.test(value)) bare[name] = value
  }
  const said = Array.isArray(issue['expression']) ? (issue['expression'] as unknown[]) : []
  const expression = said.filter((path) => typeof path === 'string' && elementPath.test(path))
  return { ...bare, ...(expression.length > 0 && { expression }) }
}
