// SPDX-License-Identifier: Apache-2.0
/**
 * What was learnt, for as long as it holds. Bounded: the least recently used goes first. The order of use is a list of its own,
 * since the first key of a full `Map` of which many were deleted is found by passing over all of those.
 */
import { type DurationMs, ms } from './brand.ts'
import type { Clock } from './clock.ts'

interface Entry<T> {
  readonly key: string
  readonly value: T
  /** Monotonic. */
  readonly until: number
  older: Entry<T> | null
  newer: Entry<T> | null
}

export class TtlCache<T> {
  readonly #clock: Clock
  readonly #capacity: number
  readonly #entries = new Map<string, Entry<T>>()
  /** The ends of the order of use. */
  #oldest: Entry<T> | null = null
  #newest: Entry<T> | null = null

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
    const left = entry.until - this.#clock.monotonic()
    if (left <= 0) {
      this.#remove(entry)
      return null
    }
    if (entry !== this.#newest) {
      this.#unlink(entry)
      this.#append(entry)
    }
    return { value: entry.value, left: ms(left) }
  }

  set(key: string, value: T, ttl: DurationMs): void {
    this.delete(key)
    if (ttl <= 0) return
    if (this.#oldest !== null && this.#entries.size >= this.#capacity) this.#remove(this.#oldest)
    const until = this.#clock.monotonic() + ttl
    const entry: Entry<T> = { key, value, until, older: null, newer: null }
    this.#entries.set(key, entry)
    this.#append(entry)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#remove(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#oldest = null
    this.#newest = null
  }

  #remove(entry: Entry<T>): void {
    this.#entries.delete(entry.key)
    this.#unlink(entry)
  }

  #append(entry: Entry<T>): void {
    entry.older = this.#newest
    entry.newer = null
    if (this.#newest === null) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink({ older, newer }: Entry<T>): void {
    if (older === null) this.#oldest = newer
    else older.newer = newer
    if (newer === null) this.#newest = older
    else newer.older = older
  }
}
