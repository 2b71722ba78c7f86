// SPDX-License-Identifier: Apache-2.0
/**
 * To which recipient domains mail of one credential has gone in the last weeks: two Bloom filters of 4 KiB, of this generation
 * and of the one before. What nobody writes to for a generation is forgotten with the next.
 *
 * Of 2,700 domains in a generation it takes a strange one for known once in 250, of 10,000 once in three: a burst shows still.
 */

import { type Instant, instant } from '../base/brand.ts'
import { baselineLimits } from '../base/limits/baseline-limits.ts'

const BITS = baselineLimits.sketchOctets * 8
const PROBES = 6

/** As it is kept. */
export interface KeptSketch {
  /** Since when it learns. */
  readonly since: number
  /** Of which `young` is; they are counted from 1970. */
  readonly generation: number
  readonly young: Uint8Array
  readonly old: Uint8Array
}

export class DomainSketch {
  #since: Instant
  #generation: number
  #young: Uint8Array
  #old: Uint8Array

  /** One that knows nothing yet. */
  constructor(now: Instant) {
    this.#since = now
    this.#generation = generationAt(now)
    this.#young = empty()
    this.#old = empty()
  }

  get since(): Instant {
    return this.#since
  }

  get kept(): KeptSketch {
    return {
      since: this.#since,
      generation: this.#generation,
      young: this.#young,
      old: this.#old,
    }
  }

  /** Whether mail has gone there; at times it says so of a domain to which none has. Who is known stays so. */
  knows(domain: string, now: Instant): boolean {
    this.#turn(now)
    const [first, step] = hashes(domain)
    if (has(this.#young, first, step)) return true
    if (!has(this.#old, first, step)) return false
    put(this.#young, first, step)
    return true
  }

  learn(domain: string, now: Instant): void {
    this.#turn(now)
    const [first, step] = hashes(domain)
    put(this.#young, first, step)
  }

  /** What another process has learnt is known here too. */
  merge({ generation, old, since, young }: KeptSketch, now: Instant): void {
    this.#turn(now)
    const age = this.#generation - generation
    if (age < 0 || age > 1) return
    this.#since = instant(Math.min(this.#since, since))
    mix(age === 0 ? this.#young : this.#old, young)
    if (age === 0) mix(this.#old, old)
  }

  #turn(now: Instant): void {
    const generation = generationAt(now)
    if (generation <= this.#generation) return
    const isNext = generation === this.#generation + 1
    this.#old = isNext ? this.#young : empty()
    this.#young = empty()
    // Nothing was sent for so long that nothing is known.
    if (!isNext) this.#since = now
    this.#generation = generation
  }
}

function generationAt(now: Instant): number {
  return Math.floor(now / baselineLimits.generationMs)
}

function empty(): Uint8Array {
  return new Uint8Array(baselineLimits.sketchOctets)
}

/** FNV-1a twice, with different primes, each spread by MurmurHash3's finaliser; the second is made odd, so that probes differ. */
function hashes(domain: string): readonly [number, number] {
  let first = 0x811c9dc5
  let second = 0x9747b28c
  for (let at = 0; at < domain.length; at++) {
    const code = domain.charCodeAt(at)
    first = Math.imul(first ^ code, 0x01000193)
    second = Math.imul(second ^ code, 0x5bd1e995)
  }
  return [spread(first), (spread(second) | 1) >>> 0]
}

function spread(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return (whole ^ (whole >>> 16)) >>> 0
}

function has(bits: Uint8Array, first: number, step: number): boolean {
  for (let probe = 0, at = first; probe < PROBES; probe++, at += step) {
    const bit = at % BITS
    if (((bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
  }
  return true
}

function put(bits: Uint8Array, first: number, step: number): void {
  for (let probe = 0, at = first; probe < PROBES; probe++, at += step) {
    const bit = at % BITS
    bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }
}

function mix(into: Uint8Array, from: Uint8Array): void {
  for (let at = 0; at < into.length; at++) into[at] = (into[at] ?? 0) | (from[at] ?? 0)
}
