// SPDX-License-Identifier: Apache-2.0
/** Removes records that count no more anyway: suppressions that have expired, what imports that never ended have left, old answers. */
import { hours, type Instant } from '../base/brand.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { suppressionLimits } from '../base/record-limits.ts'
import { keptFor } from '../records/first-answers.ts'
import type { RecordsContext } from '../records/records-context.ts'
import { removeDeadImports } from '../records/suppression-import.ts'

const EVERY = hours(1)

export async function keepUpRecords(
  records: RecordsContext,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await records.clock.sleep(EVERY, signal)
    if (signal.aborted) return
    try {
      await removeExpired(records)
      await removeDeadImports(records)
      await records.store.firstAnswers.removeOlder((records.clock.now() - keptFor) as Instant)
    } catch (thrown) {
      // A store that is away now is asked again in an hour.
      log.warn({ error: messageOf(thrown) }, 'records that have expired could not be removed')
    }
  }
}

async function removeExpired({ clock, store }: RecordsContext): Promise<void> {
  const most = suppressionLimits.removeTogether
  while ((await store.suppressions.remove({ expiredBy: clock.now() }, most)) === most);
}
