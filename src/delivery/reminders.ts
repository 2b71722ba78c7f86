// SPDX-License-Identifier: Apache-2.0
/** Brings to mind what waits in the index: after a start, a jump of the clock, a change of the records. */
import { type Instant, ms } from '../base/brand.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'

/** Queues that are looked at before others get their turn: some milliseconds. */
const AT_ONCE = 1_000

/** Says of each wanted queue when its next is due; other work gets its turn meanwhile. */
export function remindAll(
  { clock, lifecycle, spool }: Pick<DeliveryContext, 'clock' | 'lifecycle' | 'spool'>,
  isWanted: (queue: string) => boolean,
  waits: (queue: QueueName, at: Instant) => void,
): void {
  lifecycle.background('times of what waits', async () => {
    let passed = 0
    for (const { queue, nextDueAt } of spool.waiting()) {
      if (isWanted(queue)) waits(queue as QueueName, nextDueAt)
      if (++passed % AT_ONCE === 0) await clock.sleep(ms(0))
      if (lifecycle.isStopping) return
    }
  })
}
