// SPDX-License-Identifier: Apache-2.0
/** Waits that end: what is promised comes in time, or the test fails and says what it saw. */
import { type DurationMs, ms, seconds } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'

/** For what takes no time at all: it keeps a test from hanging, and must not judge how quick a busy machine is. */
export const PATIENCE = seconds(60)

const PAUSE = ms(50)

/** Rejects with `failure()` where `work` takes longer than `within`. */
export async function inTime<T>(
  work: Promise<T>,
  failure: () => string,
  within: DurationMs = PATIENCE,
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(failure())), within)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks until it sees something, and gives that; rejects with `failure()` where there is nothing to see in time. */
export async function until<T>(
  look: () => T | Promise<T>,
  failure: () => string,
  within: DurationMs = PATIENCE,
): Promise<Exclude<T, false | null | undefined>> {
  const clock = new SystemClock()
  const end = clock.monotonic() + within
  for (;;) {
    const seen = await look()
    if (isSomething(seen)) return seen
    if (clock.monotonic() > end) throw new Error(failure())
    await clock.sleep(PAUSE)
  }
}

function isSomething<T>(seen: T): seen is Exclude<T, false | null | undefined> {
  return seen !== false && seen !== null && seen !== undefined
}
