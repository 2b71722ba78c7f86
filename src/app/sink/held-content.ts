// SPDX-License-Identifier: Apache-2.0
/** Content in memory while it comes in, counted against one budget for the whole sink. */

/** What a slice costs beside its octets, so that very many tiny ones count as well. */
const SLICE_OCTETS = 128

/** What all sessions hold together. */
export class ContentBudget {
  #left: number

  constructor(octets: number) {
    this.#left = octets
  }

  take(octets: number): boolean {
    if (octets > this.#left) return false
    this.#left -= octets
    return true
  }

  give(octets: number): void {
    this.#left += octets
  }
}

export interface ContentLimits {
  /** Of one message; what comes above is counted and not kept. */
  readonly messageOctets: number
  /** How much of it is wanted. */
  readonly wantedOctets: number
}

export type ContentState = 'good' | 'too-large' | 'no-memory'

export class HeldContent {
  readonly #budget: ContentBudget
  readonly #limits: ContentLimits
  #slices: Buffer[] = []
  #held = 0
  #taken = 0
  #size = 0
  #isStarved = false

  constructor(budget: ContentBudget, limits: ContentLimits) {
    this.#budget = budget
    this.#limits = limits
  }

  /** Octets of content so far, kept or not. */
  get size(): number {
    return this.#size
  }

  get state(): ContentState {
    if (this.#size > this.#limits.messageOctets) return 'too-large'
    return this.#isStarved ? 'no-memory' : 'good'
  }

  add(slice: Buffer): void {
    this.#size += slice.length
    if (this.state === 'good' && this.#keep(slice)) return
    this.release()
  }

  /** `false` where the budget is used up. */
  #keep(slice: Buffer): boolean {
    const wanted = slice.subarray(0, Math.max(0, this.#limits.wantedOctets - this.#held))
    if (wanted.length === 0) return true
    const cost = wanted.length + SLICE_OCTETS
    this.#isStarved = !this.#budget.take(cost)
    if (this.#isStarved) return false
    this.#taken += cost
    this.#held += wanted.length
    this.#slices.push(wanted)
    return true
  }

  /** The wanted octets in one piece. */
  whole(): Buffer {
    return Buffer.concat(this.#slices, this.#held)
  }

  /** Lets go of the octets; twice does nothing. */
  release(): void {
    this.#budget.give(this.#taken)
    this.#taken = 0
    this.#held = 0
    this.#slices = []
  }
}
