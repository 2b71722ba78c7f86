// SPDX-License-Identifier: Apache-2.0
/** What was learnt, for as long as it holds. Bounded: the least recently used goes first. */
import { type DurationMs, ms } from './brand.ts'
import type { Clock } from './clock.ts'

interface Entry<T> {
  readonly value: T
  /** Monotonic. */
  readonly until: number
}

export class TtlCache<T> {
  readonly #clock: Clock
  readonly #capacity: number
  /** In order of use: the first is the oldest. */
  readonly #entries = new Map<string, Entry<T>>()

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value and what is left of its time, or `null`. */
  get(key: string): { readonly value: T; readonly left: DurationMs } | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    this.#entries.delete(key)
    const left = entry.until - this.#clock.monotonic()
    if (left <= 0) return null
    this.#entries.set(key, entry)
    return { value: entry.value, left: ms(left) }
  }

  set(key: string, value: T, ttl: DurationMs): void {
    this.#entries.delete(key)
    if (ttl <= 0) return
    if (this.#entries.size >= this.#capacity) this.#dropOldest()
    this.#entries.set(key, { value, until: this.#clock.monotonic() + ttl })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key)
      return
    }
  }
}
