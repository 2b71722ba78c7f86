// SPDX-License-Identifier: Apache-2.0
/**
 * Queues whose site is in doubt: it was down, or has not been tried since the start. They are fed in turn and at a pace, so
 * that a hundred thousand dead sites, or a start with as many queues, cost what the process has left and not all of it. One
 * that comes alone is fed at once.
 *
 * There are two lines, for whoever has just gone down comes back soonest: sites that are hopeful, and those that were found down again
 * and again. These get one turn in five, and more only where the others leave them; and they may keep half as many
 * connections busy, since those that answer nothing at all keep them for long.
 */
import { ms } from '../base/brand.ts'
import type { Timer } from '../base/clock.ts'
import { queueLimits } from '../base/limits/limits.ts'
import { Ring } from '../base/ring.ts'
import { TrialPace } from '../queue/trial-pace.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'

/** Of all turns, those of sites that were found down again and again. */
const SHARE_OF_HOPELESS = 0.2
/** Of all connections, those that trials may be making; the rest is left for mail whose site is not in doubt. */
const DIALING_SHARE = { hopeful: 1 / 2, hopeless: 1 / 4 } as const

export type Doubt = keyof typeof DIALING_SHARE

export interface Doubts {
  /** Its site has been found to work meanwhile, so that the turn costs nothing. */
  readonly isOutOfDoubt: (queue: QueueName) => boolean
  /** So many ask where their mail goes that nobody else should. */
  readonly isCrowded: () => boolean
  readonly onTurn: (queue: QueueName) => void
}

export class TrialLine {
  readonly #context: Pick<DeliveryContext, 'clock' | 'budget' | 'policy'>
  readonly #doubts: Doubts
  readonly #lines = { hopeful: new Ring<QueueName>(), hopeless: new Ring<QueueName>() }
  /** Those in either line who have not passed it. */
  readonly #waiting = new Set<QueueName>()
  readonly #pace = new TrialPace()
  /** Turns of this interval. */
  #left = this.#pace.allowed
  #leftOfHopeless = shareOf(this.#pace.allowed)
  /** Set while a pace is kept. */
  #timer: Timer | null = null
  #isStopped = false

  constructor(context: Pick<DeliveryContext, 'clock' | 'budget' | 'policy'>, doubts: Doubts) {
    this.#context = context
    this.#doubts = doubts
  }

  get size(): number {
    return this.#waiting.size
  }

  add(queue: QueueName, doubt: Doubt): void {
    if (this.#waiting.has(queue)) return
    this.#waiting.add(queue)
    this.#lines[doubt].push(queue)
    if (this.#left > 0) this.#advance()
  }

  /** Its site was found to work: it need not wait for its turn. */
  pass(queue: QueueName): void {
    if (this.#waiting.delete(queue)) this.#doubts.onTurn(queue)
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #advance(): void {
    if (this.#isStopped) return
    this.#leftOfHopeless -= this.#grant('hopeless', Math.min(this.#leftOfHopeless, this.#left))
    this.#grant('hopeful', this.#left)
    this.#grant('hopeless', this.#left)
    if (this.#timer === null) this.#keepPace()
  }

  /** Gives up to `most` turns to the first of a line, and those that cost nothing; returns how many of `most` were used. */
  #grant(doubt: Doubt, most: number): number {
    const { budget, policy } = this.#context
    const line = this.#lines[doubt]
    const mostDialing = policy().connections * DIALING_SHARE[doubt]
    const isCrowded = () => budget.dialing >= mostDialing || this.#doubts.isCrowded()
    let used = 0
    for (let queue = line.peek(); queue !== undefined; queue = line.peek()) {
      const hasPassed = !this.#waiting.has(queue)
      const isFree = hasPassed || this.#doubts.isOutOfDoubt(queue)
      if (!isFree && (used >= most || isCrowded())) break
      line.shift()
      if (!isFree) used++
      if (!hasPassed) this.pass(queue)
    }
    this.#left -= used
    return used
  }

  /** Until an interval passes in which nobody came. */
  #keepPace(): void {
    const { clock } = this.#context
    const dueAt = clock.monotonic() + queueLimits.trialEveryMs
    this.#timer = clock.after(ms(queueLimits.trialEveryMs), () => {
      this.#timer = null
      const wasUsed = this.#left < this.#pace.allowed
      this.#pace.intervalEnded(clock.monotonic() - dueAt, this.#left === 0)
      this.#left = this.#pace.allowed
      this.#leftOfHopeless = shareOf(this.#left)
      if (wasUsed || this.size > 0) this.#advance()
    })
  }
}

function shareOf(turns: number): number {
  return Math.max(1, Math.floor(turns * SHARE_OF_HOPELESS))
}
