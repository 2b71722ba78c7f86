// SPDX-License-Identifier: Apache-2.0
/** Ends holds that nobody has decided about in time: their recipients expire, with a report where one is owed, and the operator hears of it. */
import type { Instant } from '../base/brand.ts'
import { holdLimits } from '../base/limits/hold-limits.ts'
import { queueOf } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'

/** `false`: the outcomes could not be recorded, and nothing more may be sent. */
export async function endHolds(context: DeliveryContext, now: Instant): Promise<boolean> {
  const { announce, clock, lifecycle, recorder, spool } = context
  const ended = new Map<string, number>()
  let isRecorded = true
  while (isRecorded && !lifecycle.isStopping) {
    const taken = await spool.takeOverheld(now, holdLimits.step)
    if (taken.length === 0) break
    const readySince = clock.monotonic()
    const expired = taken.map((waiting) => ({
      waiting,
      queue: queueOf(waiting.message, waiting.index),
      readySince,
    }))
    isRecorded = await recorder.recordExpired(expired, now)
    for (const { message } of taken) ended.set(message.tenant, (ended.get(message.tenant) ?? 0) + 1)
  }
  for (const [tenant, count] of ended)
    announce(
      'queue.hold-ended',
      `${count} recipients of mail that was held expired: nobody released or cancelled it in time`,
      tenant,
    )
  return isRecorded
}
