// SPDX-License-Identifier: Apache-2.0
/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): on any POST. For 24 hours the same request gets the first
 * answer again; another one with the same key is refused with 409. What a crash has cut off goes on where it can tell what was
 * done (`AnyRoute.isResumable`).
 */
import { createHash } from 'node:crypto'
import { messageOf, RelayError } from '../../base/errors.ts'
import { idempotencyLimits } from '../../base/limits/http-limits.ts'
import type { Log } from '../../base/log.ts'
import { beginOnce, finishOnce } from '../../records/first-answers.ts'
import type { Answer } from './answer-to.ts'
import type { ApiContext } from './api-context.ts'
import { type KeyedWork, seedOf } from './keyed-work.ts'
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
  readonly isResumable: boolean
}

export interface OnceAnswered {
  readonly answer: Answer
  /** It is the answer of then. */
  readonly isReplayed: boolean
}

/** Does `work` unless it was done before. An answer that says "later" is not kept. */
export async function answeredOnce(
  { records, place }: Pick<ApiContext, 'records' | 'place'>,
  log: Log,
  request: KeyedRequest,
  work: (keyed: KeyedWork) => Promise<Answer>,
): Promise<OnceAnswered> {
  const { owner, isResumable } = request
  try {
    const key = keyIn(request.key)
    const fingerprint = fingerprintOf(request)
    const begun = await beginOnce(records, { owner, key, fingerprint, isResumable, by: place })
    if (begun.kind === 'answered')
      return { answer: JSON.parse(begun.answer) as Answer, isReplayed: true }
    const seed = seedOf(`${owner}\n${key}`)
    const answer = await work({ at: begun.at, seed, isAgain: begun.kind === 'left' })
    try {
      // Work that can be gone on with may have been done: it is left, so that the next one looks.
      if (isOurTrouble(answer) && isResumable)
        await records.store.firstAnswers.takeOver(owner, key, '')
      else if (isPassing(answer)) await records.store.firstAnswers.forget(owner, key)
      else await finishOnce(records, owner, key, JSON.stringify(answer))
    } catch (thrown) {
      // A store that is away: the work is done all the same, and its answer is the truth.
      log.warn({ error: messageOf(thrown), owner }, 'an answer could not be kept for its key')
    }
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
  const isEarly = answer.kind === 'problem' && [401, 403, 429].includes(answer.problem.status)
  return isEarly || isOurTrouble(answer)
}

function isOurTrouble(answer: Answer): boolean {
  return answer.kind === 'problem' && answer.problem.status >= 500
}
