// SPDX-License-Identifier: Apache-2.0
/** How many recipients of each scheduled queue a window holds. Most windows of very many hold those of one queue, which takes no map. */
import type { QueueName } from '../spool/queue-name.ts'

export class QueueSizes {
  #first: QueueName | null = null
  #sizeOfFirst = 0
  /** Of all queues but the first; made when there is a second. */
  #others: Map<QueueName, number> | null = null

  /** Queues that have any. */
  get queues(): number {
    return (this.#first === null ? 0 : 1) + (this.#others?.size ?? 0)
  }

  of(queue: QueueName): number {
    return queue === this.#first ? this.#sizeOfFirst : (this.#others?.get(queue) ?? 0)
  }

  change(queue: QueueName, by: 1 | -1): void {
    if (this.#first === null && !this.#others?.has(queue)) this.#first = queue
    if (queue === this.#first) this.#changeFirst(by)
    else this.#changeOther(queue, by)
  }

  #changeFirst(by: 1 | -1): void {
    this.#sizeOfFirst += by
    if (this.#sizeOfFirst === 0) this.#first = null
  }

  #changeOther(queue: QueueName, by: 1 | -1): void {
    this.#others ??= new Map()
    const size = (this.#others.get(queue) ?? 0) + by
    if (size > 0) this.#others.set(queue, size)
    else if (this.#others.delete(queue) && this.#others.size === 0) this.#others = null
  }
}
