// SPDX-License-Identifier: Apache-2.0
/**
 * How mail ended of late, everywhere or at one site: the last hundred ends, and how large a part of the ten thousand before
 * each cause was. Fixed in size, nothing is allocated by an end.
 */
import { brakeLimits } from '../../base/limits/brake-limits.ts'

/** What a brake says to people. */
export interface BrakeNumbers {
  /** Ends of the cause, of all ends that were looked at. */
  readonly count: number
  readonly of: number
  /** Domains, or at one site recipients, that they are about. */
  readonly spread: number
  /** Its part of all ends before, 0–1; `null` where too few are known. */
  readonly usualShare: number | null
}

/** As it outlives a process. */
export interface KeptEnds {
  /** Cause, hash of whom, and how long ago; the oldest first. */
  readonly ends: readonly (readonly [cause: number, whom: number, ageMs: number])[]
  /** Of those before, by cause, and of all causes together. */
  readonly usual: readonly number[]
  readonly usualEnds: number
}

/** Where nothing is known of before. */
const FEW = 1_000
/** A cause that a hundred others came before is not told apart; there are fewer classes. */
const CAUSES = 100

export class RecentEnds {
  readonly #leastSpread: number
  readonly #causes = new Uint8Array(brakeLimits.ends)
  readonly #whom = new Uint32Array(brakeLimits.ends)
  readonly #at = new Float64Array(brakeLimits.ends)
  /** Where the next one goes, and how many there are. */
  #next = 0
  #size = 0
  /** Of those that left, by cause. */
  readonly #usual = new Float64Array(CAUSES)
  #usualEnds = 0

  constructor(leastSpread: number) {
    this.#leastSpread = leastSpread
  }

  /** What another process had counted; `at`: when it said so, monotonic. */
  static restored(
    leastSpread: number,
    { ends, usual, usualEnds }: KeptEnds,
    at: number,
  ): RecentEnds {
    const restored = new RecentEnds(leastSpread)
    for (const [cause, whom, ageMs] of ends) restored.add(cause, whom, at - ageMs)
    restored.#usual.set(usual.slice(0, CAUSES))
    restored.#usualEnds = usualEnds
    return restored
  }

  kept(now: number): KeptEnds {
    const ends = [...Array(this.#size).keys()].map((at) => {
      const place = this.#place(at)
      const ageMs = Math.max(0, Math.round(now - (this.#at[place] ?? 0)))
      return [this.#causes[place] ?? 0, this.#whom[place] ?? 0, ageMs] as const
    })
    const last = this.#usual.findLastIndex((count) => count > 0)
    return { ends, usual: [...this.#usual.subarray(0, last + 1)], usualEnds: this.#usualEnds }
  }

  /** Whether there is anything in it but mail that was taken. */
  get hasFailures(): boolean {
    const recent = this.#size > 0 && [...Array(this.#size).keys()].some((at) => this.#isFailure(at))
    return recent || this.#usual.some((count, cause) => cause > 0 && count > 0)
  }

  /** `cause`: 0 where it was taken. `whom`: a hash of the domain or recipient. `at`: monotonic. */
  add(cause: number, whom: number, at: number): void {
    if (this.#size === brakeLimits.ends) this.#leave()
    this.#causes[this.#next] = cause
    this.#whom[this.#next] = whom
    this.#at[this.#next] = at
    this.#next = (this.#next + 1) % brakeLimits.ends
    this.#size++
  }

  /** The numbers where one more of this cause would be too many to be true; else `null`. */
  excess(cause: number, whom: number, now: number): BrakeNumbers | null {
    const before = this.#count(cause, now)
    const spread = before.whom.add(whom).size
    const [count, of] = [before.count + 1, this.#size + 1]
    if (count <= brakeLimits.least || spread < this.#leastSpread) return null
    if (!this.#isTooMany(cause, count, of)) return null
    return { count, of, spread, usualShare: this.#usualShareOf(cause) }
  }

  #count(cause: number, now: number): { readonly count: number; readonly whom: Set<number> } {
    while (this.#size > 0 && now - this.#oldestAt() > brakeLimits.endIsNewMs) this.#leave()
    let count = 0
    const whom = new Set<number>()
    for (let at = 0; at < this.#size; at++) {
      const place = this.#place(at)
      if (this.#causes[place] !== cause) continue
      count++
      whom.add(this.#whom[place] ?? 0)
    }
    return { count, whom }
  }

  #isTooMany(cause: number, count: number, of: number): boolean {
    return count / of >= mostOf(this.#usualShareOf(cause))
  }

  /** Whether it is most of what ends, whomever it is about. */
  dominates(cause: number, now: number): boolean {
    const counted = this.#count(cause, now)
    return counted.count >= brakeLimits.least && this.#isTooMany(cause, counted.count, this.#size)
  }

  /** A person has said what to think of these: they count no more, nor as usual. */
  forget(cause: number): void {
    const causes = [...Array(this.#size).keys()].map((at) => this.#place(at))
    const kept = causes
      .filter((place) => this.#causes[place] !== cause)
      .map((place) => [this.#causes[place] ?? 0, this.#whom[place] ?? 0, this.#at[place] ?? 0])
    this.#size = 0
    this.#next = 0
    for (const [other = 0, whom = 0, at = 0] of kept) this.add(other, whom, at)
  }

  #usualShareOf(cause: number): number | null {
    return this.#usualEnds < FEW ? null : (this.#usual[cause] ?? 0) / this.#usualEnds
  }

  #isFailure(at: number): boolean {
    return this.#causes[this.#place(at)] !== 0
  }

  #place(at: number): number {
    return (this.#next - this.#size + at + brakeLimits.ends) % brakeLimits.ends
  }

  #oldestAt(): number {
    return this.#at[this.#place(0)] ?? 0
  }

  #leave(): void {
    const cause = this.#causes[this.#place(0)] ?? 0
    this.#size--
    this.#usualEnds++
    if (cause < CAUSES) this.#usual[cause] = (this.#usual[cause] ?? 0) + 1
    if (this.#usualEnds < 2 * brakeLimits.usualEnds) return
    this.#usualEnds /= 2
    for (let at = 0; at < CAUSES; at++) this.#usual[at] = (this.#usual[at] ?? 0) / 2
  }
}

/** A cause may have so large a part of all ends. */
function mostOf(usualShare: number | null): number {
  const { leastShare, mostShare, timesUsual } = brakeLimits
  return Math.min(mostShare, Math.max(leastShare, (usualShare ?? 0) * timesUsual))
}
