// SPDX-License-Identifier: Apache-2.0
/** Removes suppressions that have expired, and what imports that never ended have left. They counted no more anyway. */
import { hours } from '../base/brand.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { suppressionLimits } from '../base/record-limits.ts'
import type { RecordsContext } from '../records/records-context.ts'
import { removeDeadImports } from '../records/suppression-import.ts'

const EVERY = hours(1)

export async function keepUpSuppressions(
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
    } catch (thrown) {
      // A store that is away now is asked again in an hour.
      log.warn({ error: messageOf(thrown) }, 'expired suppressions could not be removed')
    }
  }
}

async function removeExpired({ clock, store }: RecordsContext): Promise<void> {
  const most = suppressionLimits.removeTogether
  while ((await store.suppressions.remove({ expiredBy: clock.now() }, most)) === most);
}
