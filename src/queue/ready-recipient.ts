// SPDX-License-Identifier: Apache-2.0
/** What a ready queue holds and gives. */
import type { WaitingRecipient } from '../spool/message.ts'
import type { QueueName } from '../spool/queue-name.ts'

/** A recipient in the window, with the queue it came from and when it came. */
export interface ReadyRecipient {
  readonly waiting: WaitingRecipient
  readonly queue: QueueName
  /** Monotonic milliseconds. */
  readonly readySince: number
}

/** What one transaction carries: recipients of one message. */
export type Batch = readonly [ReadyRecipient, ...ReadyRecipient[]]
