// SPDX-License-Identifier: Apache-2.0
/** All strategies over all draws: who gets there first without a block, and whether ours is no later and never blocked. */
import { draws, FROZEN_SEED, hostileDraws } from './draws.ts'
import { type HostileResult, hostileResult } from './hostile.ts'
import { type Play, play, type StrategyName, strategyNames, tableNames } from './play.ts'

export type Half = 'tuned' | 'held-out' | 'all'

/** Of one strategy in one draw. */
export interface Result {
  readonly reached: number | null
  readonly blocksBefore: number
  readonly blocks: number
}

export interface DrawScore {
  readonly draw: number
  readonly results: Readonly<Record<string, Result>>
  /** The first day of the fastest table that was not blocked on the way; `null`: all were, or none got there. */
  readonly best: { readonly table: string; readonly day: number } | null
  readonly hostile: HostileResult
}

const OPTIONS = { days: 60, detail: 400, offered: 1_000_000 }

export function isIn(half: Half, draw: number): boolean {
  return half === 'all' || (half === 'tuned') === (draw % 2 === 0)
}

export function scoreDraws(
  half: Half,
  names: readonly StrategyName[] = strategyNames,
  each: (score: DrawScore) => void = () => {},
  seed = FROZEN_SEED,
): readonly DrawScore[] {
  const hostile = hostileDraws(seed)
  return draws(seed).flatMap((model, draw) => {
    if (!isIn(half, draw)) return []
    const results = Object.fromEntries(
      names.map((name) => {
        const daysAfter = name === 'posthaste' ? null : 3
        return [name, resultOf(play(name, model, { ...OPTIONS, seed: draw, daysAfter }))]
      }),
    )
    const options = { ...OPTIONS, seed: draw, days: 30, daysAfter: null }
    const score = {
      draw,
      results,
      best: bestOf(results),
      hostile: hostileResult(
        play('posthaste', hostile[draw] ?? model, options),
        hostile[draw] ?? model,
      ),
    }
    each(score)
    return [score]
  })
}

function resultOf({ blocks, blocksBefore, reached }: Play): Result {
  return { reached, blocksBefore, blocks }
}

function bestOf(results: Readonly<Record<string, Result>>): DrawScore['best'] {
  let best: DrawScore['best'] = null
  for (const table of tableNames) {
    const result = results[table]
    if (result === undefined || result.reached === null || result.blocksBefore > 0) continue
    if (best === null || result.reached < best.day) best = { table, day: result.reached }
  }
  return best
}

/** Days that ours came after the best table; `null`: there was none to compare with. Infinite where ours never came. */
export function lateness({ best, results }: DrawScore): number | null {
  if (best === null) return null
  return (results['posthaste']?.reached ?? Number.POSITIVE_INFINITY) - best.day
}
