// SPDX-License-Identifier: Apache-2.0
/**
 * First answers of the API to requests with an Idempotency-Key, so that whoever asks again gets the same one and nothing is
 * done twice. A request is written down before its work begins: where a crash takes the answer, the work is not done again
 * either, and who asks is told that nobody knows.
 *
 *     (nothing) ──begin──▶ under way ──finish──▶ answered ──24 h──▶ (nothing)
 *                             └──────forget────▶ (nothing): it failed, and may be tried again
 */
import { hours, type Instant, ms } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { idempotencyLimits } from '../base/http-limits.ts'
import type { RecordsContext } from './records-context.ts'

export const keptFor = hours(24)

export type Begun =
  /** Do the work. */
  | { readonly kind: 'fresh' }
  /** The answer of then, as text. */
  | { readonly kind: 'answered'; readonly answer: string }

/** Throws `RLY_IDEMPOTENCY` where the key was used for something else, or what it was used for has not ended; `RLY_BUSY`. */
export async function beginOnce(
  { clock, keyring, store }: RecordsContext,
  owner: string,
  key: string,
  fingerprint: Uint8Array,
): Promise<Begun> {
  const now = clock.now()
  const oldest = (now - keptFor) as Instant
  const before = await store.transaction(async (inner) => {
    if ((await inner.firstAnswers.count()) >= idempotencyLimits.kept)
      throw new RelayError('RLY_BUSY', 'too many answers are kept for their Idempotency-Keys')
    return inner.firstAnswers.begin(
      { owner, key, fingerprint, sealedAnswer: null, createdAt: now },
      oldest,
    )
  })
  if (before === null) return { kind: 'fresh' }
  if (Buffer.compare(before.fingerprint, fingerprint) !== 0)
    throw new RelayError(
      'RLY_IDEMPOTENCY',
      'this Idempotency-Key was used for another request; a new request needs a new key',
    )
  if (before.sealedAnswer !== null)
    return {
      kind: 'answered',
      answer: keyring.open(before.sealedAnswer, contextOf(owner, key)).toString(),
    }
  const age = ms(now - before.createdAt)
  throw new RelayError(
    'RLY_IDEMPOTENCY',
    age < idempotencyLimits.underWayMs
      ? 'the first request with this Idempotency-Key is still under way; ask again soon'
      : 'the first request with this Idempotency-Key never ended, and may have been carried out: look before you use a new key',
  )
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
