// SPDX-License-Identifier: Apache-2.0
/** Runs cases of a suite in batches, so that a long run needs no memory, and counts what escapes a promise as a failure. */
import fc from 'fast-check'
import type { Suite } from './suites.ts'

const BATCH = 10_000

/** What went wrong, as fast-check reports it, or `null`. Another batch is another seed, counted on from `seed`. */
export async function runCases(
  { property }: Suite,
  cases: number,
  seed: number,
  onBatch: (done: number) => void = () => {},
): Promise<string | null> {
  let escaped: unknown = null
  const onEscape = (thrown: unknown): void => {
    escaped = thrown
  }
  process.on('unhandledRejection', onEscape)
  try {
    for (let done = 0, batch = seed; done < cases; batch++) {
      const numRuns = Math.min(BATCH, cases - done)
      const details = await fc.check(property, { numRuns, seed: batch })
      if (details.failed)
        return `${String(details.errorInstance)}\n${await fc.asyncDefaultReportMessage(details)}`
      if (escaped !== null) return `seed ${batch}: a promise was rejected: ${String(escaped)}`
      done += numRuns
      onBatch(done)
    }
    return null
  } finally {
    process.off('unhandledRejection', onEscape)
  }
}
