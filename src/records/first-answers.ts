// SPDX-License-Identifier: Apache-2.0
/**
 * First answers of the API to requests with an Idempotency-Key, so that whoever asks again gets the same one and nothing is
 * done twice. A request is written down before its work begins, with the process that does it: where that one ends in the
 * middle, its successor gives up what it had begun. Work that can tell what was done before is then gone on with by whoever is
 * asked again; of all other work nobody knows, and who asks is told so.
 *
 *     (nothing) ──begin──▶ under way ──finish──▶ answered ──24 h──▶ (nothing)
 *                           │   │ ▲ └──forget──▶ (nothing): it failed, and may be tried again
 *                       abandon │ │ take over
 *                               ▼ │
 *                              left
 */
import { type DurationMs, hours, type Instant, ms } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { idempotencyLimits } from '../base/limits/http-limits.ts'
import type { FirstAnswer } from './first-answer.ts'
import type { RecordsContext } from './records-context.ts'

export const keptFor = hours(24)

export interface BeginningRequest {
  /** Whose key of the API. */
  readonly owner: string
  readonly key: string
  readonly fingerprint: Uint8Array
  /** The process that asks; not empty. */
  readonly by: string
  /** The work can tell what was done before. */
  readonly isResumable: boolean
}

export type Begun =
  /** Do the work. `at`: when the first request with this key came. */
  | { readonly kind: 'fresh' | 'left'; readonly at: Instant }
  /** The answer of then, as text. */
  | { readonly kind: 'answered'; readonly answer: string }

/** Throws `RLY_IDEMPOTENCY` where the key was used for something else, or what it was used for has not ended; `RLY_BUSY`. */
export async function beginOnce(
  { clock, keyring, store }: RecordsContext,
  { owner, key, fingerprint, by, isResumable }: BeginningRequest,
): Promise<Begun> {
  const now = clock.now()
  const oldest = (now - keptFor) as Instant
  const before = await store.transaction(async ({ firstAnswers }) => {
    if ((await firstAnswers.count()) >= idempotencyLimits.kept)
      throw new RelayError('RLY_BUSY', 'too many answers are kept for their Idempotency-Keys')
    const found = await firstAnswers.begin(
      { owner, key, fingerprint, begunBy: by, sealedAnswer: null, createdAt: now },
      oldest,
    )
    if (found !== null) checkFingerprint(found, fingerprint)
    if (found !== null && canGoOn(found, isResumable, ms(now - found.createdAt)))
      await firstAnswers.takeOver(owner, key, by)
    return found
  })
  if (before === null) return { kind: 'fresh', at: now }
  if (before.sealedAnswer !== null)
    return {
      kind: 'answered',
      answer: keyring.open(before.sealedAnswer, contextOf(owner, key)).toString(),
    }
  const age = ms(now - before.createdAt)
  if (canGoOn(before, isResumable, age)) return { kind: 'left', at: before.createdAt }
  throw new RelayError(
    'RLY_IDEMPOTENCY',
    age < idempotencyLimits.underWayMs && !isLeft(before)
      ? 'the first request with this Idempotency-Key is still under way; ask again soon'
      : 'the first request with this Idempotency-Key never ended, and may have been carried out: look before you use a new key',
  )
}

function checkFingerprint(before: FirstAnswer, fingerprint: Uint8Array): void {
  if (Buffer.compare(before.fingerprint, fingerprint) === 0) return
  throw new RelayError(
    'RLY_IDEMPOTENCY',
    'this Idempotency-Key was used for another request; a new request needs a new key',
  )
}

function isLeft({ begunBy, sealedAnswer }: FirstAnswer): boolean {
  return begunBy === '' && sealedAnswer === null
}

/** Later than that a message that was taken would not be found by the time of its id. */
function canGoOn(before: FirstAnswer, isResumable: boolean, age: DurationMs): boolean {
  return isLeft(before) && isResumable && age < idempotencyLimits.resumableMs
}

export async function finishOnce(
  { keyring, store }: RecordsContext,
  owner: string,
  key: string,
  answer: string,
): Promise<void> {
  const sealed = keyring.seal(Buffer.from(answer), contextOf(owner, key))
  await store.firstAnswers.finish(owner, key, sealed)
}

function contextOf(owner: string, key: string): string {
  return `answer to ${owner}, ${key}`
}
