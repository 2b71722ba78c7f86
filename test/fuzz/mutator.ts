// SPDX-License-Identifier: Apache-2.0
/** Makes new inputs of old ones, as AFL's havoc does, with the words of a target's own language. */
import type { Random } from '../../src/base/random.ts'

/** Longer ones are cut. */
const LONGEST_OCTETS = 4_096
const STACKED = 5
const INTERESTING = [0, 1, 9, 10, 13, 32, 34, 46, 60, 62, 64, 92, 127, 128, 192, 255] as const

export class Mutator {
  readonly #random: Random
  readonly #tokens: readonly Buffer[]

  constructor(random: Random, tokens: readonly string[]) {
    this.#random = random
    this.#tokens = tokens.map((token) => Buffer.from(token, 'latin1'))
  }

  /** `corpus` is not empty. */
  next(corpus: readonly Buffer[]): Buffer {
    let input = this.#pick(corpus)
    for (let step = this.#below(STACKED); step >= 0; step--) input = this.#change(input, corpus)
    return input.subarray(0, LONGEST_OCTETS)
  }

  #change(input: Buffer, corpus: readonly Buffer[]): Buffer {
    const at = this.#below(input.length + 1)
    const length = this.#below(Math.min(input.length - at, 1 + this.#below(32)) + 1)
    switch (this.#below(9)) {
      case 0:
        return this.#overwritten(input, at, (octet) => octet ^ (1 << this.#below(8)))
      case 1:
        return this.#overwritten(input, at, () => this.#pick(INTERESTING))
      case 2:
        return this.#overwritten(input, at, (octet) => octet + this.#below(9) - 4)
      case 3:
        return spliced(input, at, at + length, Buffer.alloc(0))
      case 4:
        return spliced(input, at, at, input.subarray(at, at + length))
      case 5:
        return spliced(input, at, at + length, this.#random.bytes(1 + this.#below(4)))
      case 6: {
        const other = this.#pick(corpus)
        const from = this.#below(other.length + 1)
        return spliced(input, at, at + length, other.subarray(from, from + this.#below(64)))
      }
      case 7:
        return spliced(input, at, at, Buffer.alloc(1 + this.#below(200), this.#pick(INTERESTING)))
      default:
        return this.#tokens.length === 0
          ? input
          : spliced(input, at, at + (this.#below(2) === 0 ? 0 : length), this.#pick(this.#tokens))
    }
  }

  #overwritten(input: Buffer, at: number, change: (octet: number) => number): Buffer {
    if (at >= input.length) return input
    const changed = Buffer.from(input)
    changed[at] = change(changed[at] ?? 0) & 0xff
    return changed
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit)
  }
}

function spliced(input: Buffer, from: number, to: number, piece: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, from), piece, input.subarray(to)])
}
