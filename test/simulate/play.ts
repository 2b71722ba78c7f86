// SPDX-License-Identifier: Apache-2.0
/** One strategy against one model, and what came of it. */
import { shippedWarmUpRules } from '../../src/app/config/warm-up-files.ts'
import type { WarmUpSchedule } from '../../src/queue/warm-up/schedule.ts'
import type { Day } from './day-log.ts'
import type { Model } from './model.ts'
import { Sender, START } from './sender.ts'
import { DeliveredRule, noStrategy, OwnStrategy, type Strategy, Table } from './strategy.ts'

/** "50,000 a day" is reached when 90 % of that was delivered in a day, as SparkPost counts a stage. */
export const TARGET = 45_000
export const tableNames = ['sparkpost', 'hyvor', 'sendgrid', 'ses-standard'] as const
export const strategyNames = ['none', ...tableNames, 'sparkpost-rule', 'posthaste'] as const
export type StrategyName = (typeof strategyNames)[number]

const { policy, schedules } = shippedWarmUpRules()

export interface Play {
  readonly name: StrategyName
  readonly days: readonly Day[]
  /** First day with `TARGET` delivered, from 1; `null`: none was. */
  readonly reached: number | null
  /** Times that the provider blocked, up to that day. */
  readonly blocksBefore: number
  /** In all days. */
  readonly blocks: number
}

export interface PlayOptions {
  readonly seed: number
  readonly days: number
  readonly detail: number
  readonly offered: number
  /** Plays no further than so many days after the target; `null`: all days. */
  readonly daysAfter: number | null
}

export function play(name: StrategyName, model: Model, options: PlayOptions): Play {
  const { days, daysAfter, ...rest } = options
  const sender = new Sender({ ...rest, model, strategy: strategyOf(name) })
  sender.run(days, ({ whole }) => {
    const reached = reachedIn(whole)
    return daysAfter !== null && reached !== null && whole.length >= reached + daysAfter
  })
  const played = sender.log.whole
  const reached = reachedIn(played)
  const before = played.slice(0, reached ?? played.length)
  return { name, days: played, reached, blocksBefore: blocksIn(before), blocks: blocksIn(played) }
}

function strategyOf(name: StrategyName): Strategy {
  switch (name) {
    case 'none':
      return noStrategy()
    case 'sparkpost-rule':
      return new DeliveredRule(schedule('sparkpost'), START)
    case 'posthaste':
      return new OwnStrategy(schedule('posthaste'), policy, START)
    default:
      return new Table(schedule(name), START)
  }
}

function schedule(name: string): WarmUpSchedule {
  const found = schedules.get(name)
  if (found === undefined) throw new Error(`no schedule ${name}`)
  return found
}

function reachedIn(days: readonly Day[]): number | null {
  return days.find(({ delivered }) => delivered >= TARGET)?.day ?? null
}

function blocksIn(days: readonly Day[]): number {
  return days.reduce((sum, { blocks }) => sum + blocks, 0)
}
