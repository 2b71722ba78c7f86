// SPDX-License-Identifier: Apache-2.0
/** What counts say of a tenant, as values: no state, no clock. */
import type { StandingCounts } from '../../records/standing.ts'
import { isOver, WATCHFUL } from '../warm-up/judgement.ts'
import { number, percent } from '../warm-up/words.ts'
import { type JudgedKind, judgedKinds, type StandingPolicy } from './thresholds.ts'

export interface Finding {
  readonly kind: JudgedKind
  readonly level: 'watch' | 'bad'
  readonly text: string
}

/** Counts of a window, and what it is called. */
export interface Window {
  readonly counts: StandingCounts
  readonly name: string
}

/** Fewer than these say nothing, whatever their share. */
const LEAST = { watch: 3, bad: 4 } as const
/** Who is watched is quiet again below this part of what it is watched for. */
const QUIET_PART = 1 / 2

const verbs: Record<JudgedKind, string> = {
  unknown: 'had no such recipient',
  refused: 'were refused for what they are',
  complained: 'were called spam',
}

/** The worst of these windows; `null`: nothing is wrong, or there is too little mail to say so. */
export function worstOf(windows: readonly Window[], policy: StandingPolicy): Finding | null {
  let worst: Finding | null = null
  for (const { counts, name } of windows)
    for (const kind of judgedKinds)
      for (const level of ['watch', 'bad'] as const) {
        const limit = policy.thresholds[kind][level]
        const of = baseOf(kind, counts)
        if (of < policy.leastMail || !isOver(counts[kind], of, limit, LEAST[level], WATCHFUL)) break
        if (worst !== null && (worst.level === 'bad' || level === 'watch')) continue
        const share = percent(counts[kind] / of)
        const text = `${share} of ${number(of)} ${name} ${verbs[kind]} (${counts[kind]}; limit ${percent(limit)})`
        worst = { kind, level, text }
      }
  return worst
}

/** Far below what it would be watched for. */
export function isQuiet(windows: readonly Window[], { thresholds }: StandingPolicy): boolean {
  return windows.every(({ counts }) =>
    judgedKinds.every(
      (kind) =>
        counts[kind] < LEAST.watch ||
        counts[kind] <= QUIET_PART * thresholds[kind].watch * baseOf(kind, counts),
    ),
  )
}

/** Answers of receivers. */
export function answersIn({ delivered, refused, unknown }: StandingCounts): number {
  return delivered + refused + unknown
}

function baseOf(kind: JudgedKind, counts: StandingCounts): number {
  return kind === 'complained' ? counts.delivered : answersIn(counts)
}
