// SPDX-License-Identifier: Apache-2.0
/** Ends what has waited too long, and tells of what has waited for long. */
import { seconds } from '../base/brand.ts'
import { isExpired } from '../queue/ready-queue.ts'
import { queueOf } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { endHolds } from './hold-watch.ts'
import { reportDelays } from './outcome/delay-watch.ts'
import type { SiteTable } from './site/site-table.ts'

const SWEEP_INTERVAL = seconds(10)
/** Recipients that one step takes from the index. */
const STEP = 200

/** Until the relay stops, or the disk has failed. */
export async function sweepOldMail(context: DeliveryContext, sites: SiteTable): Promise<void> {
  const { clock, lifecycle, recorder, spool } = context
  for (;;) {
    await clock.sleep(SWEEP_INTERVAL, lifecycle.signal)
    if (lifecycle.isStopping) return
    const now = clock.now()
    for (const site of sites.atWork) {
      const expired = site.remove((recipient) => isExpired(recipient, now))
      if (expired.length > 0) await recorder.recordExpired(expired, now)
    }
    sites.sweep(now)
    for (;;) {
      const taken = await spool.takeExpired(now, STEP)
      if (taken.length === 0 || lifecycle.isStopping) break
      const readySince = clock.monotonic()
      const expired = taken.map((waiting) => ({
        waiting,
        queue: queueOf(waiting.message, waiting.index),
        readySince,
      }))
      if (!(await recorder.recordExpired(expired, now))) return
    }
    if (!(await endHolds(context, now))) return
    if (!(await reportDelays(context, now))) return
  }
}
