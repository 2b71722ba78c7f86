// SPDX-License-Identifier: Apache-2.0
/** Within a day: whether the last answers forbid to go on, or to go on as fast. */
import type { Instant } from '../../base/brand.ts'
import { type Finding, WATCHFUL, worstOf } from './judgement.ts'
import { dayOf, nothing, type Signals } from './signals.ts'
import type { WarmUpPolicy } from './thresholds.ts'
import { aDay, findingText } from './words.ts'

export type WatchResult =
  | { readonly verdict: 'fine'; readonly finding: null }
  | { readonly verdict: 'slow' | 'pause'; readonly finding: Finding }

const FINE: WatchResult = { verdict: 'fine', finding: null }

/** `from`: what is older has been judged. */
export function watch(
  signals: Signals,
  now: Instant,
  from: Instant,
  policy: WarmUpPolicy,
): WatchResult {
  const wall = wallIn(signals, policy)
  if (wall !== null) return { verdict: 'pause', finding: wall }
  // As young as can be: where nothing goes through any more, few answers come, and the good ones before them would hide it.
  for (const counts of signals.backwards(now, from)) {
    const hostile = worstOf({ ...counts, ...answersOnly }, policy, undefined, WATCHFUL)
    if (hostile?.level === 'pause') return { verdict: 'pause', finding: hostile }
  }
  const today = signals.day(dayOf(now))
  const { complained, foldered, inboxed } = today
  const before = signals.day(dayOf(now) - 1)
  const late = worstOf({ ...nothing, complained, foldered, inboxed }, policy, {
    delivered: today.delivered + before.delivered,
    returnedShare: 0,
  })
  if (late?.level === 'pause') return { verdict: 'pause', finding: late }
  // Bad addresses come as lists have them; how fast mail goes does not change that.
  const hour = { ...signals.since(now, from), ...answersOnly, bounced: 0 }
  const doubtful = worstOf(hour, policy, undefined, WATCHFUL)
  return doubtful === null ? FINE : { verdict: 'slow', finding: doubtful }
}

/** Nothing has gone through for a while. A path that is refused rests, and so few answers tell of it. */
function wallIn(signals: Signals, { thresholds }: WarmUpPolicy): Finding | null {
  const { deferred, refused } = signals.inRow
  const of = deferred + refused
  if (refused < REFUSED_IN_ROW && of < DEFERRED_IN_ROW) return null
  const kind = refused >= deferred ? 'refused' : 'deferred'
  return { kind, level: 'pause', count: of, of, limit: thresholds[kind].pause }
}

const REFUSED_IN_ROW = 3
const DEFERRED_IN_ROW = 4

/** What is learned late says nothing about the last minutes. */
const answersOnly = { complained: 0, returned: 0, foldered: 0, inboxed: 0 }

export function slowReason(
  allowance: number,
  where: string,
  finding: Finding,
  code: string | null,
): string {
  const reason = findingText(finding, "the last hour's", code)
  return `Slowed to ${aDay(allowance)}${where} for the rest of today: ${reason}.`
}
