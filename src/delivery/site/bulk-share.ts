// SPDX-License-Identifier: Apache-2.0
/**
 * What bulk mail may have of a path's connections, where some are reserved for mail of the classes before it. Connections belong to no
 * class: counted are those that carry bulk mail now. With other workers it is lent, as connections are.
 */
import type { Batch } from '../../queue/ready-queue.ts'
import type { ConnectionLane, KeyedLimit } from '../../queue/shaping/connection-slots.ts'

export class BulkShare {
  readonly #lane: ConnectionLane
  /** Transactions, as they were when they began: a campaign may be put before others meanwhile. */
  readonly #bulk = new Set<Batch>()
  readonly #urgent = new Set<Batch>()

  constructor(lane: ConnectionLane) {
    this.#lane = lane
  }

  rebind(limits: readonly KeyedLimit[]): void {
    this.#lane.rebind(limits)
  }

  /** One more transaction of bulk mail may begin. */
  get hasRoom(): boolean {
    return this.#bulk.size < this.#allowed(1)
  }

  /** How many connections there may be, while so much waits of each kind. */
  most(bulkWaiting: number, urgentWaiting: number): number {
    const forBulk = Math.max(this.#bulk.size, this.#allowed(bulkWaiting))
    return forBulk + this.#urgent.size + urgentWaiting
  }

  begins(batch: Batch, isUrgent: boolean): void {
    const ofItsKind = isUrgent ? this.#urgent : this.#bulk
    ofItsKind.add(batch)
    if (!isUrgent) this.#allowed(0)
  }

  /** What began before connections were reserved is not counted. */
  ends(batch: Batch): void {
    if (!this.#urgent.delete(batch) && this.#bulk.delete(batch)) this.#allowed(0)
  }

  #allowed(waiting: number): number {
    return this.#lane.allowed(this.#bulk.size, this.#bulk.size + waiting).allowed
  }
}
