// SPDX-License-Identifier: Apache-2.0
/**
 * Ends all that waits in queues of cancelled campaigns, queue by queue and in steps, so that a million of them do not stop other mail.
 * That a campaign is cancelled stands in the records: a process that starts anew goes on. No submitter is told by a DSN: nothing has failed.
 */
import { campaignLimits } from '../base/limits/campaign-limits.ts'
import type { OutcomeEvent, Unwritten } from '../events/event.ts'
import type { ReadyRecipient } from '../queue/ready-queue.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { ofRecipient } from '../spool/recipient-event.ts'
import type { DeliveryContext } from './delivery-context.ts'

type CancelContext = Pick<DeliveryContext, 'node' | 'clock' | 'lifecycle' | 'recorder'>

export interface CancelledParts {
  /** Everything of a queue that is not in flight, in steps; owned by who takes it. */
  readonly takeAll: (queue: QueueName) => AsyncIterable<readonly ReadyRecipient[]>
  /** Who cancelled it; `null`: it is cancelled no more. */
  readonly cancelledBy: (queue: QueueName) => string | null
  /** It waits in the index after all. */
  readonly giveBack: (recipient: ReadyRecipient) => void
}

export class CancelledMail {
  readonly #context: CancelContext
  readonly #parts: CancelledParts
  readonly #queues = new Set<QueueName>()
  #isAtWork = false

  constructor(context: CancelContext, parts: CancelledParts) {
    this.#context = context
    this.#parts = parts
  }

  /** Somebody waits there, or may. */
  add(queue: QueueName): void {
    this.#queues.add(queue)
    if (this.#isAtWork) return
    this.#isAtWork = true
    this.#context.lifecycle.background('end of cancelled mail', async () => {
      try {
        for (const next of this.#queues) {
          this.#queues.delete(next)
          if (this.#context.lifecycle.isStopping || !(await this.#end(next))) return
        }
      } finally {
        this.#isAtWork = false
      }
    })
  }

  /** `false`: the disk failed, and nothing may be sent any more. */
  async #end(queue: QueueName): Promise<boolean> {
    if (this.#parts.cancelledBy(queue) === null) return true
    for await (const recipients of this.#parts.takeAll(queue)) {
      for (let at = 0; at < recipients.length; at += campaignLimits.step) {
        const by = this.#parts.cancelledBy(queue)
        if (by === null || this.#context.lifecycle.isStopping) {
          for (const recipient of recipients.slice(at)) this.#parts.giveBack(recipient)
          return true
        }
        const step = recipients.slice(at, at + campaignLimits.step)
        if (!(await this.#context.recorder.record(step.map((each) => this.#eventOf(each, by)))))
          return false
      }
    }
    return true
  }

  #eventOf({ queue, waiting }: ReadyRecipient, by: string): Unwritten<OutcomeEvent> {
    const { clock, node } = this.#context
    const common = ofRecipient(waiting, queue, node, clock.now())
    return { type: 'message.cancelled', ...common, attempts: waiting.attempts, by }
  }
}
