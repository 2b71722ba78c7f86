// SPDX-License-Identifier: Apache-2.0
/** Counts of hours that are over, on their way to the store; one a name and hour, however often it is counted. */
import type { QuotaUsage } from '../records/quotas/quota.ts'

export class UnwrittenCounts {
  readonly #waiting = new Map<string, QuotaUsage>()
  #handedOut: readonly QuotaUsage[] = []

  add(count: QuotaUsage): void {
    if (count.recipients === 0) return
    const key = `${count.name} ${count.startedAt}`
    const recipients = (this.#waiting.get(key)?.recipients ?? 0) + count.recipients
    this.#waiting.set(key, { ...count, recipients })
  }

  /** To be followed by `written` or `failed`. */
  handOut(): readonly QuotaUsage[] {
    this.#handedOut = [...this.#waiting.values()]
    this.#waiting.clear()
    return this.#handedOut
  }

  written(): void {
    this.#handedOut = []
  }

  failed(): void {
    for (const count of this.#handedOut) this.add(count)
    this.#handedOut = []
  }
}
