// SPDX-License-Identifier: Apache-2.0
/** The only source of chance: for jitter, shuffles and ids. Secrets come from here as well. */
import { randomBytes } from 'node:crypto'

export interface Random {
  /** Uniform in [0, 1). Not for secrets. */
  fraction(): number
  /** `count` unpredictable octets. */
  bytes(count: number): Buffer
}

/** Octets drawn from the operating system at once: ids are cheap, and never repeat. */
const POOL_BYTES = 4_096

export class SystemRandom implements Random {
  #pool = randomBytes(POOL_BYTES)
  #used = 0

  fraction(): number {
    return Math.random()
  }

  bytes(count: number): Buffer {
    if (count > POOL_BYTES) return randomBytes(count)
    if (this.#used + count > POOL_BYTES) {
      this.#pool = randomBytes(POOL_BYTES)
      this.#used = 0
    }
    this.#used += count
    return this.#pool.subarray(this.#used - count, this.#used)
  }
}

/** The same draws for the same seed (mulberry32). For tests and simulations, never for secrets. */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => Math.floor(this.fraction() * 256)))
  }
}

/** Fisher–Yates, on a copy. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random.fraction() * (last + 1))
    const held = copy[last] as T
    copy[last] = copy[other] as T
    copy[other] = held
  }
  return copy
}
