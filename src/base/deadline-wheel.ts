// SPDX-License-Identifier: Apache-2.0
/**
 * Coarse deadlines for very many waits: one timer for all. A deadline fires up to one
 * granule late, never early; moving a deadline costs an assignment (after undici's low-resolution timers).
 *
 * A deadline that was cleared stays in its slot until that is looked at, with all that its function holds: its owner ends it
 * when it goes, or a closed connection would be kept for as long as it might have been silent.
 */
import { type DurationMs, ms } from './brand.ts'
import type { Clock, Timer } from './clock.ts'

/** A wait on the wheel. `set` moves it, `clear` stops it for now, `end` takes it off for good. */
export class Deadline {
  /** Monotonic milliseconds; `Infinity` while clear. Read and moved by the wheel. */
  at = Number.POSITIVE_INFINITY
  /** In which granule the wheel looks at it next, or -1. */
  slot = -1
  readonly run: () => void
  readonly #wheel: DeadlineWheel

  constructor(wheel: DeadlineWheel, run: () => void) {
    this.#wheel = wheel
    this.run = run
  }

  set(delay: DurationMs): void {
    this.#wheel.schedule(this, delay)
  }

  clear(): void {
    this.at = Number.POSITIVE_INFINITY
  }

  end(): void {
    this.clear()
    this.#wheel.remove(this)
  }
}

export class DeadlineWheel {
  readonly #clock: Clock
  readonly #granuleMs: number
  readonly #slots = new Map<number, Set<Deadline>>()
  #timer: Timer | null = null
  #lastSlot: number

  constructor(clock: Clock, granule: DurationMs = ms(250)) {
    this.#clock = clock
    this.#granuleMs = granule
    this.#lastSlot = this.#slotOf(clock.monotonic())
  }

  deadline(run: () => void): Deadline {
    return new Deadline(this, run)
  }

  /** Deadlines that it holds, stopped ones too. */
  get size(): number {
    let size = 0
    for (const members of this.#slots.values()) size += members.size
    return size
  }

  /** Called by `Deadline.end`. */
  remove(deadline: Deadline): void {
    this.#slots.get(deadline.slot)?.delete(deadline)
    deadline.slot = -1
  }

  /** Called by `Deadline.set`. A later time leaves the deadline in its slot until that is looked at. */
  schedule(deadline: Deadline, delay: DurationMs): void {
    deadline.at = this.#clock.monotonic() + delay
    const slot = this.#slotOf(deadline.at) + 1
    if (deadline.slot !== -1 && deadline.slot <= slot) return
    if (deadline.slot !== -1) this.#slots.get(deadline.slot)?.delete(deadline)
    this.#place(deadline, slot)
    this.#timer ??= this.#clock.after(ms(this.#granuleMs), () => this.#tick())
  }

  #place(deadline: Deadline, slot: number): void {
    deadline.slot = slot
    const members = this.#slots.get(slot)
    if (members) members.add(deadline)
    else this.#slots.set(slot, new Set([deadline]))
  }

  #tick(): void {
    this.#timer = null
    const current = this.#slotOf(this.#clock.monotonic())
    if (this.#slots.size < current - this.#lastSlot) {
      for (const slot of [...this.#slots.keys()].sort((a, b) => a - b))
        if (slot <= current) this.#look(slot)
    } else {
      for (let slot = this.#lastSlot + 1; slot <= current; slot++) this.#look(slot)
    }
    this.#lastSlot = current
    if (this.#slots.size > 0)
      this.#timer ??= this.#clock.after(ms(this.#granuleMs), () => this.#tick())
  }

  #look(slot: number): void {
    const members = this.#slots.get(slot)
    if (!members) return
    this.#slots.delete(slot)
    const now = this.#clock.monotonic()
    for (const deadline of members) {
      deadline.slot = -1
      if (deadline.at === Number.POSITIVE_INFINITY) continue
      if (deadline.at > now) this.#place(deadline, this.#slotOf(deadline.at) + 1)
      else {
        deadline.clear()
        deadline.run()
      }
    }
  }

  #slotOf(at: number): number {
    return Math.floor(at / this.#granuleMs)
  }
}
