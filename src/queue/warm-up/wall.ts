// SPDX-License-Identifier: Apache-2.0
/**
 * Where a provider last put a source off, and how often there. Once may be chance, or an hour of the provider's; who comes again with as
 * much as was too much before should come later each time, as mail that is deferred does (RFC 5321 §4.5.4.1), with less until then.
 */
import type { Finding } from './judgement.ts'
import { allowanceAt, isLast, type WarmUpSchedule } from './schedule.ts'
import type { WarmUpPolicy } from './thresholds.ts'
import type { Ceiling, Wall } from './warm-up-state.ts'

/** A wall of which nothing was heard for so long is none; how much more a provider takes a day is remembered as long. */
export const REMEMBERED_DAYS = 28

/** What the answers themselves say: it is put off, or refused. */
export function isPutOff({ kind }: Finding): boolean {
  return kind === 'deferred' || kind === 'refused'
}

/** Put off at `stage`: again where it was put off before, or below; above that it had come further. */
export function wallAfter(before: Wall | undefined, stage: number, day: number): Wall {
  const isAgain =
    before !== undefined && stage <= before.stage && day - before.day <= REMEMBERED_DAYS
  return isAgain ? { ...before, day, times: before.times + 1 } : { stage, day, times: 1 }
}

/** Until when it goes no further than to `stage`; `null`: it was put off once. */
export function ceilingOf(
  { day, times }: Wall,
  stage: number,
  { waitDays }: WarmUpPolicy,
): (Ceiling & { readonly days: number }) | null {
  if (times < 2) return null
  const days = waitDays[Math.min(times - 2, waitDays.length - 1)] ?? 0
  return { stage, days, untilDay: day + days }
}

/** Two stages at once that are no more than the steepest single one of the schedule. */
export function isGentleLeap(schedule: WarmUpSchedule, stage: number): boolean {
  const growth = (from: number, to: number) =>
    allowanceAt(schedule, to) / allowanceAt(schedule, from)
  const steepest = schedule.allowances.reduce(
    (most, _, at) => (isLast(schedule, at) ? most : Math.max(most, growth(at, at + 1))),
    1,
  )
  return growth(stage, stage + 2) <= steepest
}
