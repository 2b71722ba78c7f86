// SPDX-License-Identifier: Apache-2.0
/** A provider that turns hostile: how soon ours pauses, and whether it gets back to where it was. */
import type { Model } from './model.ts'
import type { Play } from './play.ts'

export interface HostileResult {
  /** From its first refusal to the pause, minutes; `null`: it did not pause, since nothing was sent then or nothing was noticed. */
  readonly pausedAfter: number | null
  /** Mail was on its way within the first hour of it. */
  readonly wasSending: boolean
  /** Days from its end until as much was delivered in a day as in the best day before; `null`: never. */
  readonly recoveredAfter: number | null
}

export function hostileResult({ days }: Play, { provider }: Model): HostileResult {
  const { hostile } = provider
  if (hostile === null) throw new Error('the model turns hostile on no day')
  const from = (hostile.day - 1) * 1_440 + hostile.hour * 60
  const until = from + hostile.hours * 60
  const pauses = days.flatMap(({ day, decisions }) =>
    decisions
      .filter(({ kind }) => kind === 'paused')
      .map(({ minute }) => (day - 1) * 1_440 + minute),
  )
  const pause = pauses.find((minute) => minute >= from && minute <= until + 60)
  const before = Math.max(...days.slice(0, hostile.day - 1).map(({ delivered }) => delivered))
  const endDay = Math.ceil(until / 1_440)
  const recovered = days.find(({ day, delivered }) => day > endDay && delivered >= 0.9 * before)
  return {
    pausedAfter: pause === undefined ? null : Math.round(pause - from),
    wasSending: days.some(({ day, walls }) => day >= hostile.day && walls > 0),
    recoveredAfter: recovered === undefined ? null : recovered.day - endDay,
  }
}
