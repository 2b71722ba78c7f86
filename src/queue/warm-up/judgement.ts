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

/** About mail of other days. */
export interface Late {
  /** What complaints may be about. */
  readonly delivered: number
  /** What was returned, as a share of the mail that it was of. */
  readonly returnedShare: number
}

const NOT_LATE: Late = { delivered: 0, returnedShare: 0 }

/** The worst that `counts` say; `null`: nothing is wrong. */
export function worstOf(
  counts: Counts,
  { thresholds }: WarmUpPolicy,
  late = NOT_LATE,
  deviations = DAILY,
): Finding | null {
  let worst: Finding | null = null
  for (const kind of judgedKinds) {
    const { count, of } = shareOf(kind, counts, late)
    for (const level of levels) {
      const limit = thresholds[kind][level]
      if (!isOver(count, of, limit, LEAST[level], deviations)) break
      if (worst === null || levels.indexOf(level) > levels.indexOf(worst.level))
        worst = { kind, level, count, of, limit }
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
  late = NOT_LATE,
): boolean {
  return judgedKinds.every((kind) => {
    const { count, of } = shareOf(kind, counts, late)
    return count <= EXCELLENT_PART * thresholds[kind].hold * of
  })
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

interface Share {
  readonly count: number
  readonly of: number
}

function shareOf(kind: JudgedKind, counts: Counts, late: Late): Share {
  switch (kind) {
    case 'deferred':
    case 'refused':
      return { count: counts[kind], of: answersIn(counts) }
    case 'bounced':
      return bouncedShare(counts, late)
    case 'complained':
      return { count: counts.complained, of: Math.max(counts.delivered, late.delivered) }
    case 'foldered':
      return { count: counts.foldered, of: counts.inboxed + counts.foldered }
    default:
      return unreachable(kind)
  }
}

/** At once and later: the sum of both shares, each of its own mail, and of as many as that makes. */
function bouncedShare(counts: Counts, { returnedShare }: Late): Share {
  const [answers, count] = [answersIn(counts), counts.bounced + counts.returned]
  if (counts.returned === 0) return { count, of: answers }
  const atOnce = answers === 0 ? 0 : counts.bounced / answers
  return { count, of: count / (atOnce + returnedShare) }
}
