// SPDX-License-Identifier: Apache-2.0
/** What counts say of a warm-up, as values: no state, no clock. */
import { unreachable } from '../../base/invariant.ts'
import { answersIn, type Counts } from './signals.ts'
import { type JudgedKind, judgedKinds, type LimitedKind, type WarmUpPolicy } from './thresholds.ts'

const levels = ['hold', 'stepBack', 'pause'] as const
export type Level = (typeof levels)[number]

/** A signal that is over a limit. */
export interface Finding {
  readonly kind: LimitedKind
  readonly level: Level
  readonly count: number
  readonly of: number
  /** The share that it is over. */
  readonly limit: number
}

/** Fewer than these say nothing, whatever their share. */
const LEAST: Record<Level, number> = { hold: 2, stepBack: 3, pause: 3 }
/** Fewer say nothing of what is usual. */
const LEAST_ENGAGED = 30
/** Standard deviations above a limit. Of a day: chance alone goes over it once in twenty. */
export const DAILY = 1.645
/** Of what is looked at all day long: once in seven hundred. */
export const WATCHFUL = 3
/** A share that excels is at most so much of what would hold. */
const EXCELLENT_PART = 0.5

/** The worst that `counts` say; `null`: nothing is wrong. `delivered`: what complaints are about, where it was another day's. */
export function worstOf(
  counts: Counts,
  { thresholds }: WarmUpPolicy,
  delivered = counts.delivered,
  deviations = DAILY,
): Finding | null {
  let worst: Finding | null = null
  for (const kind of judgedKinds) {
    const of = baseOf(kind, counts, delivered)
    for (const level of levels) {
      const limit = thresholds[kind][level]
      if (!isOver(counts[kind], of, limit, LEAST[level], deviations)) break
      if (worst === null || levels.indexOf(level) > levels.indexOf(worst.level))
        worst = { kind, level, count: counts[kind], of, limit }
    }
  }
  return worst
}

/** Of the days before; those who engage of those who got mail. */
export interface Usual {
  readonly engaged: number
  readonly delivered: number
}

/** Fewer engage than usual: mail that goes to the spam folder is not opened. `null`: as many as ever, or nothing is known of it. */
export function unengaged(
  { delivered, engaged }: Counts,
  usual: Usual,
  { thresholds }: WarmUpPolicy,
): Finding | null {
  if (usual.engaged < LEAST_ENGAGED || delivered === 0) return null
  const expected = (usual.engaged / usual.delivered) * delivered
  let worst: Finding | null = null
  for (const level of levels) {
    const limit = thresholds.unengaged[level]
    const least = expected * (1 - limit)
    if (engaged >= least - DAILY * Math.sqrt(least)) break
    worst = { kind: 'unengaged', level, count: expected - engaged, of: expected, limit }
  }
  return worst
}

/** Of two findings the one that weighs more. */
export function graver(one: Finding | null, other: Finding | null): Finding | null {
  if (one === null || other === null) return one ?? other
  return levels.indexOf(other.level) > levels.indexOf(one.level) ? other : one
}

/** Nothing comes near a limit, and nobody was refused for what we are. */
export function isExcellent(
  counts: Counts,
  { thresholds }: WarmUpPolicy,
  delivered = counts.delivered,
): boolean {
  return judgedKinds.every(
    (kind) =>
      counts[kind] <= EXCELLENT_PART * thresholds[kind].hold * baseOf(kind, counts, delivered),
  )
}

/** Whether a share is above `limit`, and not by chance. */
export function isOver(
  count: number,
  of: number,
  limit: number,
  least: number,
  deviations: number,
): boolean {
  const expected = limit * of
  // The last term is for few: their distribution leans to one side (Cornish and Fisher).
  const lean = (deviations ** 2 - 1) / 6
  return count >= least && count > expected + deviations * Math.sqrt(expected * (1 - limit)) + lean
}

/** Whether a share is larger than an earlier one, and not by chance in either (two proportions, pooled). `earlierOf` 0: nothing to compare with. */
export function isMore(
  count: number,
  of: number,
  earlier: number,
  earlierOf: number,
  deviations: number,
): boolean {
  if (of === 0 || earlierOf === 0) return false
  const share = (count + earlier) / (of + earlierOf)
  const spread = Math.sqrt(share * (1 - share) * (1 / of + 1 / earlierOf))
  return count / of - earlier / earlierOf > deviations * spread
}

/** What a share is one of. */
function baseOf(kind: JudgedKind, counts: Counts, delivered: number): number {
  switch (kind) {
    case 'deferred':
    case 'refused':
    case 'bounced':
      return answersIn(counts)
    case 'complained':
      return Math.max(counts.delivered, delivered)
    case 'foldered':
      return counts.inboxed + counts.foldered
    default:
      return unreachable(kind)
  }
}
