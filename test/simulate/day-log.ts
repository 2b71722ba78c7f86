// SPDX-License-Identifier: Apache-2.0
/** What a simulation says of each day. */
import { DAY_MS } from '../../src/queue/warm-up/signals.ts'
import type { Provider } from './provider.ts'

export interface Day {
  /** From 1. */
  readonly day: number
  /** As the day began; `null`: none. */
  allowance: number | null
  offered: number
  /** Answers. */
  sent: number
  delivered: number
  deferred: number
  refused: number
  bounced: number
  /** Times that nothing was let through at all. */
  walls: number
  foldered: number
  complaints: number
  engaged: number
  /** What the provider keeps to itself: at the end of the day, and the highest of the day. */
  reputation: number
  load: number
  blocks: number
  readonly decisions: { readonly minute: number; readonly kind: string; readonly text: string }[]
}

export class DayLog {
  readonly days: Day[]
  readonly #start: number
  #blocks = 0

  constructor(start: number) {
    this.#start = start
    this.days = [emptyDay(1)]
  }

  get today(): Day {
    return this.days.at(-1) as Day
  }

  /** Days that are over. */
  get whole(): readonly Day[] {
    return this.days.slice(0, -1)
  }

  note({ blocks, load, reputation }: Provider): void {
    const { today } = this
    today.reputation = reputation
    today.load = Math.max(today.load, load)
    today.blocks += blocks - this.#blocks
    this.#blocks = blocks
  }

  /** `decisions`: made now, about the day that now begins, or the one that goes on. */
  turnTo(
    now: number,
    decisions: readonly { readonly kind: string; readonly text: string }[],
  ): void {
    const day = Math.floor((now - this.#start) / DAY_MS) + 1
    if (day > this.today.day) this.days.push(emptyDay(day))
    const minute = Math.round(((now - this.#start) % DAY_MS) / 60_000)
    for (const { kind, text } of decisions) this.today.decisions.push({ minute, kind, text })
  }
}

function emptyDay(day: number): Day {
  return {
    day,
    allowance: null,
    offered: 0,
    sent: 0,
    delivered: 0,
    deferred: 0,
    refused: 0,
    bounced: 0,
    walls: 0,
    foldered: 0,
    complaints: 0,
    engaged: 0,
    reputation: 0,
    load: 0,
    blocks: 0,
    decisions: [],
  }
}

export function inboxShare({ delivered, foldered }: Day): number {
  return delivered === 0 ? 1 : 1 - foldered / delivered
}
