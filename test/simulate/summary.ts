// SPDX-License-Identifier: Apache-2.0
/** The figures of a score, and its worst draw. */

import { strategyNames } from './play.ts'
import { type DrawScore, lateness } from './score.ts'

export interface StrategySummary {
  readonly name: string
  readonly draws: number
  /** Draws in which it got there, and was not blocked before. */
  readonly clean: number
  readonly blocked: number
  readonly medianDay: number | null
  readonly worstDay: number | null
}

export interface Summary {
  readonly strategies: readonly StrategySummary[]
  /** Draws with a table to compare with; ours no later; ours earlier. */
  readonly compared: number
  readonly noLater: number
  readonly earlier: number
  readonly worst: { readonly draw: number; readonly late: number } | null
  /** Draws in which ours was ever blocked, in all days. */
  readonly blockedEver: readonly number[]
  readonly hostile: {
    readonly draws: number
    readonly pausedWithinHour: number
    readonly slowest: number | null
    readonly missed: readonly number[]
    readonly recovered: number
    readonly medianRecovery: number | null
    readonly worstRecovery: number | null
  }
}

export function summaryOf(scores: readonly DrawScore[]): Summary {
  const late = scores.flatMap((score) => {
    const days = lateness(score)
    return days === null ? [] : [{ draw: score.draw, late: days }]
  })
  const worst = late.toSorted((one, other) => other.late - one.late)[0] ?? null
  return {
    strategies: strategyNames.map((name) => strategySummary(name, scores)),
    compared: late.length,
    noLater: late.filter((each) => each.late <= 0).length,
    earlier: late.filter((each) => each.late < 0).length,
    worst,
    blockedEver: scores.flatMap(({ draw, results }) =>
      (results['posthaste']?.blocks ?? 0) > 0 ? [draw] : [],
    ),
    hostile: hostileSummary(scores),
  }
}

function strategySummary(name: string, scores: readonly DrawScore[]): StrategySummary {
  const results = scores.flatMap(({ results }) => results[name] ?? [])
  const reached = results.flatMap((result) => result.reached ?? [])
  return {
    name,
    draws: results.length,
    clean: results.filter(({ blocksBefore, reached }) => reached !== null && blocksBefore === 0)
      .length,
    blocked: results.filter(({ blocksBefore }) => blocksBefore > 0).length,
    medianDay: medianOf(reached),
    worstDay: reached.length < results.length ? null : Math.max(...reached),
  }
}

function hostileSummary(scores: readonly DrawScore[]): Summary['hostile'] {
  const sending = scores.filter(({ hostile }) => hostile.wasSending)
  const paused = sending.flatMap(({ hostile }) => hostile.pausedAfter ?? [])
  const recovered = sending.flatMap(({ hostile }) => hostile.recoveredAfter ?? [])
  return {
    draws: sending.length,
    pausedWithinHour: paused.filter((minutes) => minutes <= 60).length,
    slowest: paused.length === 0 ? null : Math.max(...paused),
    missed: sending.flatMap(({ draw, hostile }) => (hostile.pausedAfter === null ? [draw] : [])),
    recovered: recovered.length,
    medianRecovery: medianOf(recovered),
    worstRecovery: recovered.length === 0 ? null : Math.max(...recovered),
  }
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? null
}
