// SPDX-License-Identifier: Apache-2.0
/** How a source may grow at a provider: what it may send a day, stage by stage. Schedules are data: `config/warm-up/`. */
import { invariant } from '../../base/invariant.ts'

export interface WarmUpSchedule {
  readonly name: string
  /** Messages a day at one provider, growing. At least one. */
  readonly allowances: readonly number[]
  /** Where the figures come from, and when somebody looked. */
  readonly origin: string
}

/** What is wrong with these allowances; `null`: nothing. */
export function flawIn(allowances: readonly number[]): string | null {
  if (allowances.length === 0) return 'there are no allowances'
  for (const [at, allowance] of allowances.entries()) {
    if (!Number.isSafeInteger(allowance) || allowance < 1)
      return `${allowance} is no allowance: expected whole messages a day, at least 1`
    const before = allowances[at - 1]
    if (before !== undefined && allowance <= before)
      return `${allowance} comes after ${before}: each stage should allow more than the one before`
  }
  return null
}

/** Stages count from 0. Beyond the last it is the last one's. */
export function allowanceAt({ allowances }: WarmUpSchedule, stage: number): number {
  const allowance = allowances[Math.min(Math.max(0, stage), allowances.length - 1)]
  invariant(allowance !== undefined, 'a schedule has a stage')
  return allowance
}

/** The last stage that allows no more than `volume` a day; 0 where even the first does. */
export function stageWithin({ allowances }: WarmUpSchedule, volume: number): number {
  return Math.max(
    0,
    allowances.findLastIndex((allowance) => allowance <= volume),
  )
}

export function isLast({ allowances }: WarmUpSchedule, stage: number): boolean {
  return stage >= allowances.length - 1
}
