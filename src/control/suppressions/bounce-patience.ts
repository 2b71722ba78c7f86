// SPDX-License-Identifier: Apache-2.0
/**
 * Whether a bounce is to be believed by whoever draws conclusions from it: after a while, in which a brake may have found that
 * too much ends alike, and once no brake holds its cause. While one does, what comes after waits too, in the journal: an
 * address that is suppressed later is an attempt more, an address that is suppressed wrongly is a customer less.
 */
import { type DurationMs, type Instant, ms, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import type { Directory } from '../../records/directory.ts'

/** How often it is looked whether somebody has decided. */
const LOOK_EVERY = seconds(1)

export interface PatienceParts {
  readonly directory: () => Pick<Directory, 'brakes'>
  readonly records: { readonly clock: Clock }
  /** How long a bounce waits. */
  readonly suppressAfter: () => DurationMs
}

export interface EndedMail {
  readonly at: Instant
  /** Class of the refusal; `null`: of none. */
  readonly cause: string | null
  readonly site: string
}

/** `false`: a person has said that it was not true, or `signal` aborted. */
export async function outlasts(
  { directory, records: { clock }, suppressAfter }: PatienceParts,
  { at, cause, site }: EndedMail,
  signal: AbortSignal,
): Promise<boolean> {
  const wait = suppressAfter()
  // One that is ahead of this clock waits no longer than another.
  const due = Math.min(at, clock.now()) + wait
  if (due > clock.now()) await clock.sleep(ms(due - clock.now()), signal)
  if (cause === null) return !signal.aborted
  const names = [cause, `${cause}@${site}`]
  const own = () => directory().brakes.filter(({ name }) => names.includes(name))
  while (own().some(({ state }) => state === 'holding') && !signal.aborted)
    await clock.sleep(LOOK_EVERY, signal)
  return !signal.aborted && !own().some((brake) => tookBack(brake, at, wait))
}

/** What ended before the brake held is taken back with the rest, as far as it still waited. */
function tookBack({ decidedAt, since, state }: BrakeRecord, at: Instant, wait: DurationMs) {
  return state === 'released' && at >= since - wait && at <= (decidedAt ?? 0)
}
