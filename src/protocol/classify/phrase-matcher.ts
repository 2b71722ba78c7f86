// SPDX-License-Identifier: Apache-2.0
/**
 * Finds many phrases in one pass: the automaton of Aho and Corasick (1975), with a dense table of transitions. The time is
 * that of reading the text, whatever the number of phrases and whatever a peer wrote.
 */
import { invariant } from '../../base/invariant.ts'
import { Alphabet, fold, READ_CHARACTERS } from './folded-text.ts'

const OPEN = '*'
const ROOT = 0

interface Piece {
  readonly length: number
  readonly needsStart: boolean
  readonly needsEnd: boolean
}

export class PhraseMatcher {
  readonly #alphabet: Alphabet
  readonly #pieces: readonly Piece[]
  readonly #next: Uint16Array
  /** By state: the phrase that ends here, and the next state whose phrase ends here too; −1: none. */
  readonly #ends: Int32Array
  readonly #also: Int32Array
  readonly #symbols = new Uint16Array(READ_CHARACTERS)

  /** A phrase is found by its position. The same phrase twice is a mistake. */
  constructor(phrases: readonly string[]) {
    const bare = phrases.map(withoutStars)
    this.#alphabet = new Alphabet(bare)
    const words = bare.map((phrase) => this.#encodePhrase(phrase))
    this.#pieces = phrases.map((phrase, at) => this.#pieceOf(phrase, words[at] ?? []))
    const states = 1 + words.reduce((sum, word) => sum + word.length, 0)
    invariant(states <= 0xffff, 'the states of all phrases fit into 16 bits')
    const { size } = this.#alphabet
    this.#next = new Uint16Array(states * size)
    this.#ends = new Int32Array(states).fill(-1)
    this.#also = new Int32Array(states).fill(-1)
    this.#chain = new Int32Array(phrases.length).fill(-1)
    this.#plant(words)
    this.#link(states)
  }

  /** Phrases of the same letters that differ in their stars, one behind the other. */
  readonly #chain: Int32Array

  /** Calls back with the position of each phrase that occurs, as often as it does. */
  scan(text: string, found: (phrase: number) => void): void {
    const symbols = this.#symbols
    const length = this.#alphabet.encode(text, symbols)
    const { size } = this.#alphabet
    let state = ROOT
    for (let at = 0; at < length; at++) {
      state = this.#next[state * size + (symbols[at] ?? 0)] ?? ROOT
      const first = this.#ends[state] === -1 ? (this.#also[state] ?? -1) : state
      for (let end = first; end !== -1; end = this.#also[end] ?? -1)
        for (let phrase = this.#ends[end] ?? -1; phrase !== -1; phrase = this.#chain[phrase] ?? -1)
          if (this.#isWhole(phrase, at, length)) found(phrase)
    }
  }

  #isWhole(phrase: number, last: number, length: number): boolean {
    const piece = this.#pieces[phrase]
    if (!piece) return false
    const before = last - piece.length
    return (
      !(piece.needsStart && before >= 0 && this.#isWordAt(before)) &&
      !(piece.needsEnd && last + 1 < length && this.#isWordAt(last + 1))
    )
  }

  #isWordAt(at: number): boolean {
    return this.#alphabet.isWord[this.#symbols[at] ?? 0] === 1
  }

  #encodePhrase(phrase: string): number[] {
    const length = this.#alphabet.encode(phrase, this.#symbols)
    return [...this.#symbols.subarray(0, length)]
  }

  /** A phrase that begins or ends with a sign needs no gap there. */
  #pieceOf(phrase: string, word: readonly number[]): Piece {
    const isWord = (symbol: number | undefined) => this.#alphabet.isWord[symbol ?? 0] === 1
    return {
      length: word.length,
      needsStart: !phrase.startsWith(OPEN) && isWord(word[0]),
      needsEnd: !phrase.endsWith(OPEN) && isWord(word.at(-1)),
    }
  }

  #plant(words: readonly (readonly number[])[]): void {
    const { size } = this.#alphabet
    let states = 1
    for (const [phrase, word] of words.entries()) {
      let state = ROOT
      for (const symbol of word) {
        const at = state * size + symbol
        if (this.#next[at] === ROOT) this.#next[at] = states++
        state = this.#next[at] ?? ROOT
      }
      this.#chain[phrase] = this.#ends[state] ?? -1
      this.#ends[state] = phrase
    }
  }

  /** Breadth first: where a state has no edge, it goes on as the longest end of what was read that begins a phrase. */
  #link(states: number): void {
    const { size } = this.#alphabet
    const falls = new Uint16Array(states)
    const order = [ROOT]
    for (let head = 0; head < order.length; head++) {
      const state = order[head] ?? ROOT
      const fall = falls[state] ?? ROOT
      for (let symbol = 0; symbol < size; symbol++) {
        const at = state * size + symbol
        const child = this.#next[at] ?? ROOT
        const after = state === ROOT ? ROOT : (this.#next[fall * size + symbol] ?? ROOT)
        if (child === ROOT) {
          this.#next[at] = after
          continue
        }
        falls[child] = after
        this.#also[child] = this.#ends[after] === -1 ? (this.#also[after] ?? -1) : after
        order.push(child)
      }
    }
  }
}

function withoutStars(phrase: string): string {
  return fold(phrase.replace(/^\*|\*$/g, ''))
}
