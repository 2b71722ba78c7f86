// SPDX-License-Identifier: Apache-2.0
/**
 * Many words as one tree of states: what words begin with in common, they share. Edges lie in one open hash table: a dense one
 * would take megabytes, and longer to make than a process has at its start.
 */

export const ROOT = 0
const NONE = -1
/** More symbols than an alphabet of phrases has; a key is `state * SYMBOLS + symbol`. */
const SYMBOLS = 1_024
/** In the table for each symbol of a word; those that words share leave theirs empty. */
const PLACES_PER_SYMBOL = 1.5

export class PhraseTree {
  /** States are numbered level by level, from the root on. */
  readonly states: number
  /** By state: where it hangs, and by which symbol. */
  readonly parents: Int32Array
  readonly symbols: Uint16Array
  /** By word: the state in which it ends. */
  readonly ends: Int32Array
  readonly #keys: Int32Array
  readonly #targets: Int32Array
  readonly #shift: number

  constructor(words: readonly Uint16Array[]) {
    const most = words.reduce((sum, { length }) => sum + length, 1)
    const bits = Math.ceil(Math.log2(most * PLACES_PER_SYMBOL))
    this.#shift = 32 - bits
    this.#keys = new Int32Array(2 ** bits).fill(NONE)
    this.#targets = new Int32Array(2 ** bits)
    this.parents = new Int32Array(most)
    this.symbols = new Uint16Array(most)
    this.ends = new Int32Array(words.length)
    let states = 1
    let left = words.map((_, word) => word)
    for (let depth = 0; left.length > 0; depth++) {
      left = left.filter((word) => depth < (words[word]?.length ?? 0))
      for (const word of left) states = this.#grow(word, words[word]?.[depth] ?? 0, states)
    }
    this.states = states
  }

  /** `ROOT`: there is none. */
  after(state: number, symbol: number): number {
    return this.#targets[this.#placeOf(state * SYMBOLS + symbol)] ?? ROOT
  }

  /** A word by its next symbol; gives the number of states then. */
  #grow(word: number, symbol: number, states: number): number {
    const from = this.ends[word] ?? ROOT
    const key = from * SYMBOLS + symbol
    const place = this.#placeOf(key)
    if (this.#keys[place] === key) {
      this.ends[word] = this.#targets[place] ?? ROOT
      return states
    }
    this.#keys[place] = key
    this.#targets[place] = states
    this.parents[states] = from
    this.symbols[states] = symbol
    this.ends[word] = states
    return states + 1
  }

  /** Where the key is, or would be: open addressing. No key is negative. */
  #placeOf(key: number): number {
    const keys = this.#keys
    // Knuth's multiplicative hashing, The Art of Computer Programming, vol. 3, §6.4.
    let place = Math.imul(key, 0x9e3779b1) >>> this.#shift
    while (keys[place] !== key && keys[place] !== NONE) place = (place + 1) & (keys.length - 1)
    return place
  }
}
