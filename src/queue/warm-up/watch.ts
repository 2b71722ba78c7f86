// SPDX-License-Identifier: Apache-2.0
/** Within a day: whether the last answers forbid to go on, or to go on as fast. */
import type { Instant } from '../../base/brand.ts'
import { type Finding, WATCHFUL, worstOf } from './judgement.ts'
import { dayOf, type Signals } from './signals.ts'
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
  // What is learned late says nothing about the last minutes.
  const answersOnly = { complained: 0, foldered: 0, inboxed: 0 }
  const latest = { ...signals.recent(now, from, policy.enough), ...answersOnly }
  const hostile = worstOf(latest, policy)
  if (hostile?.level === 'pause') return { verdict: 'pause', finding: hostile }
  const today = signals.day(dayOf(now))
  const { complained, foldered, inboxed } = today
  const before = signals.day(dayOf(now) - 1).delivered
  const late = worstOf(
    { ...latest, ...nothingAnswered, complained, foldered, inboxed },
    policy,
    today.delivered + before,
  )
  if (late?.level === 'pause') return { verdict: 'pause', finding: late }
  const hour = { ...signals.recent(now, from, Number.POSITIVE_INFINITY), ...answersOnly }
  const doubtful = worstOf(hour, policy, undefined, WATCHFUL)
  return doubtful === null ? FINE : { verdict: 'slow', finding: doubtful }
}

const nothingAnswered = { delivered: 0, deferred: 0, refused: 0, bounced: 0, other: 0 }

export function slowReason(
  allowance: number,
  where: string,
  finding: Finding,
  code: string | null,
): string {
  const reason = findingText(finding, "the last hour's", code)
  return `Slowed to ${aDay(allowance)}${where} for the rest of today: ${reason}.`
}
