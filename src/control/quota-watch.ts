// SPDX-License-Identifier: Apache-2.0
/** Writes what a process has counted against quotas into the store, hears what others have, and tells the operator what is nearly used up. */
import type { CredentialBaselines } from '../accept/credential-baselines.ts'
import type { QuotaCounters } from '../accept/quotas/quota-counters.ts'
import { quotaInWords } from '../accept/quotas/quota-texts.ts'
import { hours, instant, ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { baselineLimits } from '../base/limits/baseline-limits.ts'
import { quotaLimits } from '../base/limits/quota-limits.ts'
import type { Log } from '../base/log.ts'
import type { Directory } from '../records/directory.ts'
import { periodOf, type Quota } from '../records/quotas/quota.ts'
import type { Store } from '../records/store.ts'

const LEARN_EVERY = hours(1)

export interface QuotaWatchParts {
  readonly clock: Clock
  readonly log: Log
  readonly store: Store
  readonly directory: () => Directory
  readonly counters: QuotaCounters
  readonly baselines: CredentialBaselines
  readonly announce: (type: `quota.${string}`, text: string, tenant: string) => void
}

export class QuotaWatch {
  readonly #parts: QuotaWatchParts
  #writtenAt = Number.NEGATIVE_INFINITY
  #hasFailed = false
  #learntAt = 0

  constructor(parts: QuotaWatchParts) {
    this.#parts = parts
  }

  /** What was counted before this process began; before mail is taken. */
  async open(): Promise<void> {
    const { clock, counters, directory, store } = this.#parts
    counters.replace(directory().quotas)
    counters.restore(await store.quotaUsage.list(periodOf('month', clock.now()).startsAt))
    await this.#learn()
  }

  /** Once more at the end. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock, counters, directory } = this.#parts
    while (!signal.aborted) {
      await clock.sleep(ms(quotaLimits.urgentPauseMs), signal)
      counters.replace(directory().quotas)
      const isLong = clock.monotonic() - this.#writtenAt >= quotaLimits.calmPauseMs
      if (counters.isUrgent || isLong) await this.write()
      if (clock.monotonic() - this.#learntAt >= LEARN_EVERY) await this.#learn()
    }
    await this.write()
  }

  /** Never rejects: where the store is away, mail is counted here, and written later. */
  async write(): Promise<void> {
    const { baselines, clock, counters, log, store } = this.#parts
    const counts = counters.toWrite()
    const usual = baselines.toWrite()
    this.#writtenAt = clock.monotonic()
    if (counts.length + usual.length === 0) return
    try {
      const sums = await store.transaction((inner) => inner.quotaUsage.add([...counts, ...usual]))
      baselines.written(sums.slice(counts.length))
      for (const quota of counters.written(sums.slice(0, counts.length), counts))
        this.#tellNear(quota)
      this.#hasFailed = false
    } catch (thrown) {
      counters.failed()
      baselines.failed()
      if (!this.#hasFailed)
        log.warn({ error: messageOf(thrown) }, 'what was counted against quotas is written later')
      this.#hasFailed = true
    }
  }

  async #learn(): Promise<void> {
    const { baselines, clock, log, store } = this.#parts
    this.#learntAt = clock.monotonic()
    try {
      const since = instant(clock.now() - baselineLimits.withinMs)
      baselines.learn(await store.quotaUsage.list(since))
    } catch (thrown) {
      // A store that is away now: what was learnt still holds.
      log.warn({ error: messageOf(thrown) }, 'what credentials use to send could not be read')
    }
  }

  #tellNear(quota: Quota): void {
    const text = `${quotaLimits.nearPercent} % of the quota of ${quotaInWords(quota)}, are used up`
    this.#parts.announce('quota.near', text, quota.tenant)
  }
}
