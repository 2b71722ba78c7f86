// SPDX-License-Identifier: Apache-2.0
/** What is wrong in a configuration, each with file, line, key, what was found and what was expected. */
import type { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import type { KeyLines, KeyPath } from './key-lines.ts'
import type { Expectation } from './key-types.ts'
import { configSchema } from './schema.ts'

export interface Problem {
  readonly path: KeyPath
  /** A phrase that goes on after the key. */
  readonly text: string
}

/** One error that lists all problems in the order of their lines. */
export function configError(
  file: string,
  lines: KeyLines,
  problems: readonly Problem[],
): RelayError {
  const placed = problems.map(({ path, text }) => ({
    line: lines.lineOf(path),
    key: keyOf(path),
    text,
  }))
  placed.sort((a, b) => a.line - b.line)
  return new RelayError(
    'RLY_CONFIG_INVALID',
    placed.map(({ line, key, text }) => `${file}:${line}: ${key}: ${text}`).join('\n'),
  )
}

/** From what zod found; `raw` is the parsed TOML, which `schema` has read. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  schema: unknown = configSchema,
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((name) => ({
        path: [...path, name],
        text: unknownKey(schema, path, name),
      }))
    return [{ path, text: wrongValue(issue, valueAt(raw, path)) }]
  })
}

/** Names of the keys that the table at `path` may have. */
export function keysOf(path: KeyPath, whole: unknown = configSchema): readonly string[] {
  let schema: unknown = whole
  for (const part of path) {
    const inner = insideOf(schema)
    schema = typeof part === 'number' ? inner : shapeOf(inner)[part]
  }
  return Object.keys(shapeOf(insideOf(schema)))
}

function unknownKey(schema: unknown, path: KeyPath, name: string): string {
  const valid = keysOf(path, schema)
  const meant = nearest(name, valid)
  const advice = meant === null ? `valid here: ${valid.join(', ')}` : `did you mean "${meant}"?`
  return `unknown key; ${advice}`
}

function wrongValue(issue: z.core.$ZodIssue, found: unknown): string {
  const { expected, words } = expectationOf(issue)
  const meant = typeof found === 'string' ? nearest(found, words) : null
  const advice = meant === null ? '' : `; did you mean "${meant}"?`
  const what = found === undefined ? 'missing' : `found ${describe(found)}`
  return `${what}, expected ${expected}${advice}`
}

function expectationOf(issue: z.core.$ZodIssue): Expectation {
  if (issue.code === 'custom' && typeof issue.params?.['expected'] === 'string')
    return { expected: issue.params['expected'], words: issue.params['words'] ?? [] }
  if (issue.code === 'invalid_type')
    return { expected: issue.expected === 'array' ? 'a list' : 'a table', words: [] }
  if (issue.code === 'too_small') return { expected: 'at least one value', words: [] }
  if (issue.code === 'too_big') return { expected: `at most ${issue.maximum} values`, words: [] }
  return { expected: issue.message, words: [] }
}

const LONGEST_FOUND = 60
/** Of a URL, "user:password@" or "password=…". It must not end up in a log. */
const PASSWORD = /(?<=:\/\/[^:@/]*:).*(?=@)|(?<=password=)[^&"]*/g

function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return value instanceof Date ? 'a date' : 'a table'
  const text = JSON.stringify(value).replace(PASSWORD, '…')
  return text.length > LONGEST_FOUND ? `${text.slice(0, LONGEST_FOUND)}…` : text
}

/** `listener.addresses`; positions are left out, for the line tells them. */
function keyOf(path: KeyPath): string {
  return path.filter((part) => typeof part === 'string').join('.')
}

function valueAt(raw: unknown, path: KeyPath): unknown {
  let value = raw
  for (const part of path) value = isRecord(value) ? value[part] : undefined
  return value
}

/** The schema in the wrappers (defaults, arrays) of another one. */
function insideOf(schema: unknown): unknown {
  let inside = schema
  while (isRecord(inside) && isRecord(inside['def'])) {
    const wrapped = inside['def']['innerType'] ?? inside['def']['element']
    if (wrapped === undefined) break
    inside = wrapped
  }
  return inside
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  return isRecord(schema) && isRecord(schema['shape']) ? schema['shape'] : {}
}

function isRecord(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null
}
