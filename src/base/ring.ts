// SPDX-License-Identifier: Apache-2.0
/** A double-ended queue over a ring: constant time at both ends (`Array.shift` is linear). */

/** Of very many rings most hold one item. */
const SMALLEST = 1

export class Ring<T> {
  #slots: (T | undefined)[] = new Array(SMALLEST)
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item
    this.#size++
  }

  unshift(item: T): void {
    if (this.#size === this.#slots.length) this.#grow()
    this.#head = (this.#head - 1) & (this.#slots.length - 1)
    this.#slots[this.#head] = item
    this.#size++
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#size--
    return item
  }

  /** The item that `shift` would give. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head]
  }

  /** The last one. */
  pop(): T | undefined {
    if (this.#size === 0) return undefined
    const last = (this.#head + this.#size - 1) & (this.#slots.length - 1)
    const item = this.#slots[last]
    this.#slots[last] = undefined
    this.#size--
    return item
  }

  /** From 0, the first; nothing is there beyond the last. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#size) return undefined
    return this.#slots[(this.#head + index) & (this.#slots.length - 1)]
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let at = 0; at < this.#size; at++)
      yield this.#slots[(this.#head + at) & (this.#slots.length - 1)] as T
  }

  #grow(): void {
    const items = [...this]
    this.#slots = new Array(this.#slots.length * 2)
    for (let at = 0; at < items.length; at++) this.#slots[at] = items[at]
    this.#head = 0
  }
}
