// SPDX-License-Identifier: Apache-2.0
/** What is wrong with a part of a request, in words of ours where the schema has none of its own. */
import type { z } from 'zod'
import { nearest } from '../../base/nearest.ts'

type Issue = z.core.$ZodIssue

/** `known`: names that the request may have. */
export function issueInWords(issue: Issue, known: readonly string[]): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, known)
    // What is wrong with a name is said one level down.
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ')
    case 'invalid_type':
      return typeInWords(issue.message)
    case 'too_small':
      return boundInWords(issue, issue.minimum, 'at least')
    case 'too_big':
      return boundInWords(issue, issue.maximum, 'at most')
    default:
      return issue.message
  }
}

function typeInWords(message: string): string {
  const [, expected, received] = /^Invalid input: expected (.*), received (.*)$/.exec(message) ?? []
  if (expected === undefined) return message
  return received === 'undefined'
    ? `it is missing: expected ${one(expected)}`
    : `expected ${one(expected)}, and not ${one(received ?? '')}`
}

function one(type: string): string {
  if (type === 'null') return 'null'
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`
}

const UNITS: Readonly<Record<string, string>> = { string: ' character', array: ' item' }

function boundInWords(
  { message, origin }: Issue & { readonly origin: string },
  bound: number | bigint,
  side: string,
): string {
  if (!/^Too (?:small|big): /.test(message)) return message
  const unit = UNITS[origin] ?? ''
  return `expected ${side} ${bound}${unit}${unit === '' || Number(bound) === 1 ? '' : 's'}`
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys
    .map((key) => {
      const meant = nearest(key, known)
      return `"${key}" is not known here${meant === null ? '' : `; did you mean "${meant}"?`}`
    })
    .join('; ')
}
