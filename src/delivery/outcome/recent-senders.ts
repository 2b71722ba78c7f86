// SPDX-License-Identifier: Apache-2.0
/** Whose the last transactions of a path were: what part of that which goes is one tenant's, or one campaign's. */
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import type { Flow } from '../../queue/shaping/lessons.ts'
import { parseQueueName, type QueueName } from '../../spool/queue-name.ts'

export class RecentSenders {
  /** Of each transaction, the oldest overwritten first. */
  readonly #queues: QueueName[] = []
  #next = 0

  carried(queue: QueueName): void {
    this.#queues[this.#next] = queue
    this.#next = (this.#next + 1) % shapingLimits.sendersOfPath
  }

  /** Above 0 and up to 1. The one that is complained of is not among those that were carried, and is one more. */
  partOf(flow: Flow): number {
    const own = this.#queues.filter((queue) => isOf(queue, flow)).length
    return (own + 1) / (this.#queues.length + 1)
  }
}

function isOf(queue: QueueName, flow: Flow): boolean {
  const parts = parseQueueName(queue)
  if (parts === null || parts.tenant !== flow.tenant) return false
  return flow.kind === 'tenant' || parts.campaign === flow.campaign
}
