// SPDX-License-Identifier: Apache-2.0
/** What is wrong, as an RFC 9457 problem document: made from the register of errors, with a sentence that helps. */
import { z } from 'zod'
import { type ErrorCode, errorKinds, RelayError } from '../../base/errors.ts'
import { issueInWords } from './issue-words.ts'

export const problem = z.object({
  /** Identifies the kind of problem. */
  type: z.string(),
  /** The kind in words, always the same. */
  title: z.string(),
  status: z.int(),
  /** What was wrong this time, and what would be right. */
  detail: z.string(),
  /** Stable, for programs. */
  code: z.string(),
  /** Each part of the request that was wrong. */
  errors: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
  /** When to ask again, as `Retry-After` says too. */
  retryAfterSeconds: z.int().optional(),
})
export type Problem = z.infer<typeof problem>

const statuses: Partial<Record<ErrorCode, number>> = {
  RLY_USAGE: 400,
  RLY_UNAUTHENTICATED: 401,
  RLY_CODE_WANTED: 401,
  RLY_FORBIDDEN: 403,
  RLY_ROUTE_UNKNOWN: 404,
  RLY_RECORD_UNKNOWN: 404,
  RLY_QUEUE_UNKNOWN: 404,
  RLY_MESSAGE_UNKNOWN: 404,
  RLY_RECORD_EXISTS: 409,
  RLY_RECORD_IN_USE: 409,
  RLY_IDEMPOTENCY: 409,
  RLY_TOO_LARGE: 413,
  RLY_RATE_LIMITED: 429,
  RLY_RECORD_INVALID: 422,
  RLY_REFUSED: 422,
  RLY_GATE: 422,
  RLY_QUOTA: 429,
  RLY_BUSY: 503,
  RLY_RELAY_NOT_RUNNING: 503,
  RLY_SPOOL_FULL: 503,
  RLY_STORE_FAILED: 503,
}

/** What the caller may know of an error. `known`: names that the request may have, to say the nearest of them. */
export function problemOf(thrown: unknown, known: readonly string[] = []): Problem {
  if (thrown instanceof z.ZodError) return invalidRequest(thrown, known)
  if (statusOf(thrown) === 413)
    return problemWith('RLY_TOO_LARGE', 'the request is larger than it may be')
  if (statusOf(thrown) === 415)
    return problemWith(
      'RLY_USAGE',
      'expected a body in JSON, and the field "Content-Type: application/json" that says so',
    )
  if (isClientError(thrown)) return problemWith('RLY_USAGE', thrown.message)
  // Where our records are is nobody's business; the log has it.
  if (thrown instanceof RelayError && thrown.code === 'RLY_STORE_FAILED')
    return problemWith(thrown.code, thrown.publicText)
  if (thrown instanceof RelayError && statuses[thrown.code] !== undefined) {
    const { retryAfterSeconds } = thrown
    const problem = problemWith(thrown.code, thrown.message)
    return retryAfterSeconds === null ? problem : { ...problem, retryAfterSeconds }
  }
  return problemWith('RLY_INTERNAL', 'the relay could not do it; its log says why')
}

export function problemWith(code: ErrorCode, detail: string): Problem {
  return {
    type: `urn:posthaste:error:${code}`,
    title: errorKinds[code].meaning,
    status: statuses[code] ?? 500,
    detail,
    code,
  }
}

function invalidRequest({ issues }: z.ZodError, known: readonly string[]): Problem {
  const errors = issues.map((issue) => ({
    at: issue.path.join('.'),
    message: issueInWords(issue, known),
  }))
  const detail = errors.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`))
  return { ...problemWith('RLY_USAGE', detail.join('; ')), errors }
}

/** What the HTTP library says of a request that is not JSON, and the like. */
function isClientError(thrown: unknown): thrown is Error {
  const status = statusOf(thrown)
  return thrown instanceof Error && status !== null && status >= 400 && status < 500
}

function statusOf(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return null
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : null
}
