// SPDX-License-Identifier: Apache-2.0
/** Writes when credentials and keys were used last into the records, seldom. */
import type { LastUses } from '../../accept/logins/last-uses.ts'
import { minutes } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Store } from '../../records/store.ts'

const LOOK_EVERY = minutes(1)

/** Until `signal` aborts, and then once more. */
export async function keepUses(
  uses: LastUses,
  store: Pick<Store, 'transaction'>,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(LOOK_EVERY, signal)
    const taken = uses.take(signal.aborted)
    try {
      if (taken.length > 0) await store.transaction((inner) => inner.lastUses.put(taken))
    } catch (thrown) {
      // The store may be away: the same is written the next time.
      uses.putBack(taken)
      log.warn({ error: messageOf(thrown) }, 'last uses of keys cannot be written now')
    }
    if (signal.aborted) return
  }
}
