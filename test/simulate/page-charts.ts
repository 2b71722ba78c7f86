// SPDX-License-Identifier: Apache-2.0
/** The charts of `docs/warmup.md`: four strategies against a lenient provider, a strict one, and one that turns hostile; and all draws. */
import type { Chart } from './chart.ts'
import { type Model, modelOf } from './model.ts'
import { play, type StrategyName } from './play.ts'
import type { DrawScore } from './score.ts'

const SEED = 1
const OPTIONS = { seed: SEED, days: 30, detail: 500, offered: 1_000_000, daysAfter: null }

const shown = [
  { strategy: 'none', name: 'none', colour: '#999999' },
  { strategy: 'sendgrid', name: 'fixed table', colour: '#1b6ca8' },
  { strategy: 'sparkpost-rule', name: "SparkPost's rule", colour: '#c8871e' },
  { strategy: 'posthaste', name: 'ours', colour: '#2d8a4e' },
] as const satisfies readonly { strategy: StrategyName; name: string; colour: string }[]

export const pageModels: Readonly<Record<string, Model>> = {
  'warmup-lenient': modelOf({ name: 'a provider in the middle of the road' }, 'chart'),
  'warmup-strict': modelOf(
    {
      name: 'a strict provider',
      provider: { floor: 500, growth: 2.2, memory_days: 2.5, block_load: 1.7, spike_cost: 0.3 },
    },
    'chart',
  ),
  'warmup-hostile': modelOf(
    {
      name: 'a provider that turns hostile on day 10, for 20 hours',
      provider: { hostile: { day: 10, hour: 10, hours: 20, kind: 'refuse' } },
    },
    'chart',
  ),
}

/** Played anew: the same for the same program. */
export function chartsOf(): readonly (readonly [string, Chart])[] {
  return Object.entries(pageModels).map(([name, model]) => {
    const lines = shown.map(({ colour, name: title, strategy }) => {
      const { days } = play(strategy, model, OPTIONS)
      return { name: title, colour, values: days.map(({ delivered }) => delivered) }
    })
    const chart: Chart = {
      title: `Delivered a day, at ${model.name}`,
      xTitle: 'day',
      yTitle: 'messages',
      lines,
      scale: 'log',
      least: 100,
      most: 1_000_000,
    }
    return [name, chart] as const
  })
}

/** Share of draws in which a strategy has got to 50,000 a day without a block, by day. */
export function reachedChart(scores: readonly DrawScore[]): readonly [string, Chart] {
  const lines = shown.map(({ colour, name, strategy }) => {
    const results = scores.flatMap(({ results: all }) => all[strategy] ?? [])
    const values = Array.from({ length: 60 }, (_, at) => {
      const there = results.filter(
        ({ blocksBefore, reached }) => blocksBefore === 0 && reached !== null && reached <= at + 1,
      )
      return Math.round((1_000 * there.length) / Math.max(1, results.length)) / 10
    })
    return { name, colour, values }
  })
  const chart: Chart = {
    title: 'Draws in which 50,000 a day were reached without a block',
    xTitle: 'day',
    yTitle: 'per cent',
    lines,
    scale: 'linear',
    least: 0,
    most: 100,
  }
  return ['warmup-reached', chart]
}
