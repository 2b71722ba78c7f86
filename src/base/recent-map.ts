// SPDX-License-Identifier: Apache-2.0
/**
 * The latest entries, by key. The older half is forgotten at once where there are too many: to forget one for each that comes, a
 * `Map` would pass over all keys that were deleted before it finds its first.
 */
export class RecentMap<Key, Value> {
  readonly #half: number
  #newer = new Map<Key, Value>()
  #older: ReadonlyMap<Key, Value> = new Map()

  /** Has at most `capacity` entries, and at least the latest half of so many. */
  constructor(capacity: number) {
    this.#half = Math.ceil(capacity / 2)
  }

  get(key: Key): Value | undefined {
    const value = this.#newer.get(key)
    return value === undefined ? this.#older.get(key) : value
  }

  /** What is there; or what `make` gives, which is there then. */
  ensure(key: Key, make: () => Value): Value {
    const known = this.get(key)
    if (known !== undefined) return known
    const value = make()
    this.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    this.#newer.set(key, value)
    if (this.#newer.size < this.#half) return
    this.#older = this.#newer
    this.#newer = new Map()
  }
}
