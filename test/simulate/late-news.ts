// SPDX-License-Identifier: Apache-2.0
/** What is learned late: reports of complaints, openings, and where a provider's page or seeds tell it the spam folder. */
import type { Random } from '../../src/base/random.ts'
import type { SignalKind } from '../../src/queue/warm-up/signals.ts'
import { binomial } from './chance.ts'
import type { ProviderParameters } from './model.ts'
import type { Answers } from './provider.ts'

const HOUR_MS = 3_600_000
/** Later ones are not waited for. */
const LONGEST_HOURS = 96
const OPENED_AFTER_HOURS = 3
const PLACED_AFTER_HOURS = 12

export class LateNews {
  readonly #provider: ProviderParameters
  readonly #tell: (kind: SignalKind, count: number, at: number) => void
  /** By the hour in which it is learned. */
  readonly #coming = new Map<number, Map<SignalKind, number>>()
  #told = 0

  constructor(
    provider: ProviderParameters,
    tell: (kind: SignalKind, count: number, at: number) => void,
  ) {
    this.#provider = provider
    this.#tell = tell
  }

  learn({ complaints, delivered, engaged, foldered }: Answers, now: number, random: Random): void {
    const { feedback, feedback_hours, placement_known } = this.#provider
    for (let left = binomial(complaints, feedback, random); left > 0; left--) {
      const delay = -feedback_hours * Math.log(1 - random.fraction())
      if (delay < LONGEST_HOURS) this.#add('complained', 1, now, delay)
    }
    this.#add('engaged', engaged, now, OPENED_AFTER_HOURS)
    if (!placement_known) return
    this.#add('foldered', foldered, now, PLACED_AFTER_HOURS)
    this.#add('inboxed', delivered - foldered, now, PLACED_AFTER_HOURS)
  }

  tell(now: number): void {
    const hour = Math.floor(now / HOUR_MS)
    if (this.#told === 0) this.#told = hour - 1
    for (; this.#told < hour; this.#told++) {
      const news = this.#coming.get(this.#told)
      if (news === undefined) continue
      this.#coming.delete(this.#told)
      for (const [kind, count] of news) this.#tell(kind, count, this.#told * HOUR_MS)
    }
  }

  #add(kind: SignalKind, count: number, now: number, hours: number): void {
    if (count === 0) return
    const hour = Math.floor(now / HOUR_MS + hours)
    const news = this.#coming.get(hour) ?? new Map<SignalKind, number>()
    news.set(kind, (news.get(kind) ?? 0) + count)
    this.#coming.set(hour, news)
  }
}
