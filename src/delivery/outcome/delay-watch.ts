// SPDX-License-Identifier: Apache-2.0
/**
 * Tells submitters, once, of who has waited for long (RFC 3461 §4.1, NOTIFY=DELAY). No message has a timer: the index knows
 * whose time has come, whether it was tried in vain, its site rests, or a person suspended its queue; and that it was told is
 * an event, which outlives a restart.
 *
 * Known limits: who is in a ready queue's window at that moment is told after the attempt that awaits it there.
 */
import type { Instant } from '../../base/brand.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import { queueOf } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { delayedEvent } from './attempt-event.ts'
import { noticeOfWait } from './notice.ts'

/** Recipients of one step: at most one report for each. */
const STEP = 200

/** `false`: the outcomes could not be recorded, and nothing more may be sent. */
export async function reportDelays(context: DeliveryContext, now: Instant): Promise<boolean> {
  const { clock, lifecycle, spool } = context
  for (;;) {
    const taken = await spool.takeDelayed(now, STEP)
    const readySince = clock.monotonic()
    const delayed = taken.map((waiting) => ({
      waiting,
      queue: queueOf(waiting.message, waiting.index),
      readySince,
    }))
    if (!(await tell(context, delayed, now))) return false
    if (taken.length < STEP || lifecycle.isStopping) return true
  }
}

async function tell(
  { node, recorder, onWaiting }: DeliveryContext,
  delayed: readonly ReadyRecipient[],
  now: Instant,
): Promise<boolean> {
  if (delayed.length === 0) return true
  const events = delayed.map((recipient) => delayedEvent(recipient, node, now))
  const notices = delayed.map((recipient) =>
    noticeOfWait(recipient, {
      kind: 'delayed',
      retriesUntil: recipient.waiting.message.expiresAt,
    }),
  )
  if (!(await recorder.recordReported(events, notices))) return false
  for (const { queue, waiting } of delayed) onWaiting(queue, waiting.dueAt)
  return true
}
