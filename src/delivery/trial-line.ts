// SPDX-License-Identifier: Apache-2.0
/**
 * Queues whose site is in doubt: it was down, or has not been tried since the start. They are fed in turn and at a pace, so
 * that a hundred thousand dead sites, or a start with as many queues, cost a part of the process and not all of it. One
 * that comes alone is fed at once.
 */
import { ms } from '../base/brand.ts'
import type { Timer } from '../base/clock.ts'
import { queueLimits } from '../base/limits.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'

export class TrialLine {
  readonly #context: Pick<DeliveryContext, 'clock' | 'budget' | 'policy'>
  readonly #isOutOfDoubt: (queue: QueueName) => boolean
  readonly #onTurn: (queue: QueueName) => void
  /** In the order in which they came. */
  readonly #line = new Set<QueueName>()
  /** Set while a pace is kept. */
  #timer: Timer | null = null
  #left: number = queueLimits.trialsAtOnce
  #isStopped = false

  /** `isOutOfDoubt`: its site has been found to work meanwhile, so that the turn costs nothing. */
  constructor(
    context: Pick<DeliveryContext, 'clock' | 'budget' | 'policy'>,
    isOutOfDoubt: (queue: QueueName) => boolean,
    onTurn: (queue: QueueName) => void,
  ) {
    this.#context = context
    this.#isOutOfDoubt = isOutOfDoubt
    this.#onTurn = onTurn
  }

  get size(): number {
    return this.#line.size
  }

  add(queue: QueueName): void {
    this.#line.add(queue)
    this.#advance()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #advance(): void {
    if (this.#isStopped || this.#left === 0) return
    const { budget, clock, policy } = this.#context
    // The rest is left for mail whose site is not in doubt.
    const mostDialing = policy().connections / 2
    for (const queue of this.#line) {
      const isFree = this.#isOutOfDoubt(queue)
      if (!isFree && (this.#left === 0 || budget.dialing >= mostDialing)) break
      this.#line.delete(queue)
      if (!isFree) this.#left--
      this.#onTurn(queue)
    }
    this.#timer ??= clock.after(ms(queueLimits.trialEveryMs), () => {
      this.#timer = null
      const wasUsed = this.#left < queueLimits.trialsAtOnce
      this.#left = queueLimits.trialsAtOnce
      if (wasUsed || this.#line.size > 0) this.#advance()
    })
  }
}
