// SPDX-License-Identifier: Apache-2.0
/**
 * The only source of time. Wall clock for records and due times, monotonic clock for rates and
 * time-outs. Everything that waits takes a `Clock`, so that a test or a simulation can turn it.
 */
import { type DurationMs, type Instant, instant, ms } from './brand.ts'

/** A wait that can be taken back. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall clock. May jump. */
  now(): Instant
  /** Milliseconds with fractions since an arbitrary start, the same for all processes of a machine; never goes back. */
  monotonic(): DurationMs
  /** Calls `run` once, no earlier than `delay` from now. Does not keep the process alive. */
  after(delay: DurationMs, run: () => void): Timer
  /** Resolves after `delay`, or at once when `signal` aborts (never rejects). */
  sleep(delay: DurationMs, signal?: AbortSignal): Promise<void>
}

/** Node keeps timers in 31 bits; a longer wait is taken in steps by its caller. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What the machine's monotonic clock (CLOCK_MONOTONIC) showed when this process began. */
const PROCESS_START_MS = processStart()

export class SystemClock implements Clock {
  now(): Instant {
    return instant(Date.now())
  }

  monotonic(): DurationMs {
    return ms(PROCESS_START_MS + performance.now())
  }

  after(delay: DurationMs, run: () => void): Timer {
    const timer = setTimeout(run, Math.min(Math.max(0, delay), LONGEST_TIMER_MS))
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  }

  sleep(delay: DurationMs, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal)
  }
}

/** Aborts after `delay`: for what takes a signal and no deadline. */
export function deadlineSignal(clock: Clock, delay: DurationMs): AbortSignal {
  const late = new AbortController()
  clock.after(delay, () => late.abort(new Error(`no answer within ${delay} ms`)))
  return late.signal
}

/** `Clock.sleep` in terms of `Clock.after`, for every implementation. */
export function sleepOn(clock: Clock, delay: DurationMs, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = clock.after(delay, done)
    function done(): void {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** The two readings are never at the same instant: the largest difference of several is the nearest to the truth. */
function processStart(): number {
  let start = 0
  for (let sample = 0; sample < 10; sample++)
    start = Math.max(start, Number(process.hrtime.bigint()) / 1e6 - performance.now())
  return start
}
