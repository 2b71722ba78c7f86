// SPDX-License-Identifier: Apache-2.0
/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): on any POST. For 24 hours the same request gets the first
 * answer again; another one with the same key is refused with 409.
 */
import { createHash } from 'node:crypto'
import { RelayError } from '../../base/errors.ts'
import { idempotencyLimits } from '../../base/http-limits.ts'
import { beginOnce, finishOnce } from '../../records/first-answers.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Answer } from './answer-to.ts'
import { problemOf } from './problem.ts'

export interface KeyedRequest {
  /** As the header has it. */
  readonly key: string
  /** Whose it is: keys of different owners never meet. */
  readonly owner: string
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly body: unknown
}

export interface OnceAnswered {
  readonly answer: Answer
  /** It is the answer of then. */
  readonly isReplayed: boolean
}

/** Does `work` unless it was done before. An answer that says "later" is not kept. */
export async function answeredOnce(
  records: RecordsContext,
  request: KeyedRequest,
  work: () => Promise<Answer>,
): Promise<OnceAnswered> {
  const { owner } = request
  try {
    const key = keyIn(request.key)
    const begun = await beginOnce(records, owner, key, fingerprintOf(request))
    if (begun.kind === 'answered')
      return { answer: JSON.parse(begun.answer) as Answer, isReplayed: true }
    const answer = await work()
    if (isPassing(answer)) await records.store.firstAnswers.forget(owner, key)
    else await finishOnce(records, owner, key, JSON.stringify(answer))
    return { answer, isReplayed: false }
  } catch (thrown) {
    // Another use of the key, or a store that is away.
    return { answer: { kind: 'problem', problem: problemOf(thrown) }, isReplayed: false }
  }
}

/** With or without the quotes of a structured field (RFC 9651 §3.3.3). */
function keyIn(text: string): string {
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (/^[!-~]+$/.test(key) && key.length <= idempotencyLimits.keyCharacters) return key
  throw new RelayError(
    'RLY_USAGE',
    `Idempotency-Key: expected 1 to ${idempotencyLimits.keyCharacters} printable characters without spaces, such as a UUID`,
  )
}

function fingerprintOf({ body, method, url }: KeyedRequest): Uint8Array {
  const text = `${method} ${url}\n${JSON.stringify(body ?? {})}`
  return new Uint8Array(createHash('sha256').update(text).digest())
}

/** Wrong credentials, our own trouble: the same request may fare better later. */
function isPassing(answer: Answer): boolean {
  return answer.kind === 'problem' && [401, 403, 429, 500, 503].includes(answer.problem.status)
}
