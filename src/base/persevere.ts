// SPDX-License-Identifier: Apache-2.0
import type { DurationMs } from './brand.ts'
import type { Clock } from './clock.ts'

export interface Perseverance {
  readonly clock: Clock
  /** Before the next try. */
  readonly pause: DurationMs
  /** Hears what each failed try has thrown. */
  readonly failed: (thrown: unknown) => void
}

/**
 * Does `work`, which ends by itself when `signal` aborts. What makes it fail (a full disk, no descriptor left, a store that is
 * away) may soon be over: it begins again.
 */
export async function persevere(
  work: () => Promise<void>,
  signal: AbortSignal,
  { clock, pause, failed }: Perseverance,
): Promise<void> {
  while (!signal.aborted)
    try {
      return await work()
    } catch (thrown) {
      failed(thrown)
      await clock.sleep(pause, signal)
    }
}
