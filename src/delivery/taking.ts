// SPDX-License-Identifier: Apache-2.0
/** Takes recipients of a queue out of the index, and out of windows. They are owned by who takes them. */
import type { ReadyRecipient } from '../queue/ready-queue.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'
import type { SiteTable } from './site/site-table.ts'

type TakeContext = Pick<DeliveryContext, 'clock' | 'spool'>

/** Recipients that one step takes from the index, of an unroutable queue or one that ends. */
export const STEP = 200

/** Those that are due, at most `limit`, and when the next is. */
export async function takeDue({ clock, spool }: TakeContext, queue: QueueName, limit: number) {
  const { recipients, nextDueAt } = await spool.take(queue, clock.now(), limit)
  const readySince = clock.monotonic()
  return { recipients: recipients.map((waiting) => ({ waiting, queue, readySince })), nextDueAt }
}

/** Everything that is not in flight, in steps. */
export async function* takeAll(
  context: TakeContext,
  sites: SiteTable,
  queue: QueueName,
): AsyncIterable<readonly ReadyRecipient[]> {
  await context.spool.reschedule(queue, context.clock.now())
  for (const site of sites.atWork) {
    const removed = site.remove((recipient) => recipient.queue === queue)
    if (removed.length > 0) yield removed
  }
  for (;;) {
    const taken = await takeDue(context, queue, STEP)
    if (taken.recipients.length === 0) return
    yield taken.recipients
  }
}
