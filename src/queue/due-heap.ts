// SPDX-License-Identifier: Apache-2.0
/** Names by the time at which each is due: a binary heap in which a name stands once. */
import type { Instant } from '../base/brand.ts'

export class DueHeap<Name extends string> {
  readonly #names: Name[] = []
  readonly #dueAt = new Map<Name, Instant>()
  readonly #place = new Map<Name, number>()

  get size(): number {
    return this.#names.length
  }

  dueAt(name: Name): Instant | null {
    return this.#dueAt.get(name) ?? null
  }

  /** Sets or moves the time of a name. */
  set(name: Name, at: Instant): void {
    const place = this.#place.get(name)
    this.#dueAt.set(name, at)
    if (place === undefined) {
      this.#names.push(name)
      this.#place.set(name, this.#names.length - 1)
      this.#up(this.#names.length - 1)
    } else {
      this.#up(place)
      this.#down(this.#place.get(name) ?? place)
    }
  }

  /** Sets the time only where that makes it earlier. */
  advance(name: Name, at: Instant): void {
    const current = this.#dueAt.get(name)
    if (current === undefined || at < current) this.set(name, at)
  }

  delete(name: Name): void {
    const place = this.#place.get(name)
    if (place === undefined) return
    this.#swap(place, this.#names.length - 1)
    this.#names.pop()
    this.#place.delete(name)
    this.#dueAt.delete(name)
    const moved = this.#names[place]
    if (moved === undefined) return
    this.#up(place)
    this.#down(this.#place.get(moved) ?? place)
  }

  /** When the first is due; `null` where nothing waits. */
  next(): Instant | null {
    const first = this.#names[0]
    return first === undefined ? null : this.dueAt(first)
  }

  /** Takes out the first that is due by `now`. */
  takeDue(now: Instant): Name | null {
    const first = this.#names[0]
    if (first === undefined || this.#time(0) > now) return null
    this.delete(first)
    return first
  }

  #time(place: number): number {
    const name = this.#names[place]
    return name === undefined ? Number.POSITIVE_INFINITY : (this.#dueAt.get(name) ?? 0)
  }

  #up(start: number): void {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#time(parent) <= this.#time(place)) return
      this.#swap(parent, place)
      place = parent
    }
  }

  #down(start: number): void {
    let place = start
    for (;;) {
      const left = 2 * place + 1
      const smaller = this.#time(left + 1) < this.#time(left) ? left + 1 : left
      if (this.#time(smaller) >= this.#time(place)) return
      this.#swap(smaller, place)
      place = smaller
    }
  }

  #swap(a: number, b: number): void {
    const first = this.#names[a]
    const second = this.#names[b]
    if (first === undefined || second === undefined || a === b) return
    this.#names[a] = second
    this.#names[b] = first
    this.#place.set(second, a)
    this.#place.set(first, b)
  }
}
