// SPDX-License-Identifier: Apache-2.0
/** Recipients of one site that are with its connections, by queue. */
import type { Batch } from '../../queue/ready-queue.ts'
import type { QueueName } from '../../spool/queue-name.ts'

const NOTHING: ReadonlyMap<QueueName, number> = new Map()

export class InFlight {
  /** Made with the first: of very many sites few have a connection. */
  #byQueue: Map<QueueName, number> | null = null

  get byQueue(): ReadonlyMap<QueueName, number> {
    return this.#byQueue ?? NOTHING
  }

  count(batch: Batch, by: 1 | -1): void {
    this.#byQueue ??= new Map()
    for (const { queue } of batch) {
      const count = (this.#byQueue.get(queue) ?? 0) + by
      if (count === 0) this.#byQueue.delete(queue)
      else this.#byQueue.set(queue, count)
    }
  }
}
