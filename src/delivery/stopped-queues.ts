// SPDX-License-Identifier: Apache-2.0
/** Which queues send nothing now: those that a person has suspended, and those that have no pool, or a tenant that is held. */
import { queueMatcher } from '../queue/queue-pattern.ts'
import type { DeliveryContext } from './delivery-context.ts'

type Matcher = (queue: string) => boolean

export class StoppedQueues {
  readonly #context: Pick<DeliveryContext, 'directory' | 'pools'>
  #suspended: readonly Matcher[] = []
  #held: ((queue: string) => string | null) | null = null

  constructor(context: Pick<DeliveryContext, 'directory' | 'pools'>) {
    this.#context = context
  }

  has(queue: string): boolean {
    return this.reason(queue) !== null
  }

  /** In words; `null`: it is not stopped. */
  reason(queue: string): string | null {
    const held = this.#held?.(queue) ?? null
    if (held !== null) return held
    return this.#suspended.some((matches) => matches(queue)) ? 'suspended' : null
  }

  /** As the records are now. Gives who was stopped before; `null`: nobody. */
  refresh(): Matcher | null {
    const [suspended, held] = [this.#suspended, this.#held]
    const { directory, pools } = this.#context
    this.#suspended = directory().suspensions.map(({ queue }) => queueMatcher(queue))
    this.#held = pools.holds()
    if (suspended.length === 0 && held === null) return null
    return (queue) =>
      (held?.(queue) ?? null) !== null || suspended.some((matches) => matches(queue))
  }
}
