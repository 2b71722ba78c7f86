// SPDX-License-Identifier: Apache-2.0
/**
 * What bulk mail may have of a path's connections, where some are reserved for mail of the classes before it. Connections belong to no
 * class: counted are those that carry bulk mail now. With other workers it is lent, as connections are.
 */
import type { Batch } from '../queue/ready-queue.ts'
import { BULK_FROM } from '../queue/ready-queue.ts'
import type { ConnectionLane, KeyedLimit } from '../queue/shaping/connection-slots.ts'

export class BulkShare {
  readonly #lane: ConnectionLane
  #bulk = 0
  #urgent = 0

  constructor(lane: ConnectionLane) {
    this.#lane = lane
  }

  rebind(limits: readonly KeyedLimit[]): void {
    this.#lane.rebind(limits)
  }

  /** One more transaction of bulk mail may begin. */
  get hasRoom(): boolean {
    return this.#bulk < this.#allowed(1)
  }

  /** How many connections there may be, while so much waits of each kind. */
  most(bulkWaiting: number, urgentWaiting: number): number {
    const forBulk = Math.max(this.#bulk, this.#allowed(bulkWaiting))
    return forBulk + this.#urgent + urgentWaiting
  }

  count(batch: Batch, by: 1 | -1): void {
    if (batch[0].waiting.message.priority < BULK_FROM) {
      this.#urgent += by
      return
    }
    this.#bulk += by
    this.#allowed(0)
  }

  #allowed(waiting: number): number {
    return this.#lane.allowed(this.#bulk, this.#bulk + waiting).allowed
  }
}
