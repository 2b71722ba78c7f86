// SPDX-License-Identifier: Apache-2.0
/** Waits that end: what is promised comes in time, or the test fails and says what it saw. */
import type { DurationMs } from '../../src/base/brand.ts'

/** Rejects with `failure()` where `work` takes longer than `within`. */
export async function inTime<T>(
  work: Promise<T>,
  within: DurationMs,
  failure: () => string,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(failure())), within)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
