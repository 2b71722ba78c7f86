// SPDX-License-Identifier: Apache-2.0
/** Which queues send nothing now: those that a person has suspended, and those that are held for how their tenant stands. */
import { queueMatcher } from '../queue/queue-pattern.ts'
import type { DeliveryContext } from './delivery-context.ts'

type Matcher = (queue: string) => boolean

export class StoppedQueues {
  readonly #context: Pick<DeliveryContext, 'directory' | 'pools'>
  #suspended: readonly Matcher[] = []
  #held: Matcher | null = null

  constructor(context: Pick<DeliveryContext, 'directory' | 'pools'>) {
    this.#context = context
  }

  has(queue: string): boolean {
    return this.isHeld(queue) || this.#suspended.some((matches) => matches(queue))
  }

  isHeld(queue: string): boolean {
    return this.#held?.(queue) ?? false
  }

  /** As the records are now. Gives who was stopped before; `null`: nobody. */
  refresh(): Matcher | null {
    const [suspended, held] = [this.#suspended, this.#held]
    const { directory, pools } = this.#context
    this.#suspended = directory().suspensions.map(({ queue }) => queueMatcher(queue))
    this.#held = pools.holds()
    if (suspended.length === 0 && held === null) return null
    return (queue) => held?.(queue) || suspended.some((matches) => matches(queue))
  }
}
