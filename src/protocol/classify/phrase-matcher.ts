// SPDX-License-Identifier: Apache-2.0
/**
 * Finds many phrases in one pass: the automaton of Aho and Corasick (1975). The time is that of reading the text, whatever the
 * number of phrases and whatever a peer wrote.
 */
import { Alphabet, MOST_SYMBOLS } from './folded-text.ts'
import { PhraseTree, ROOT } from './phrase-tree.ts'

const OPEN = '*'
const NONE = -1

export class PhraseMatcher {
  readonly #alphabet: Alphabet
  /** By phrase: whether no letter may follow. */
  readonly #isClosed: Uint8Array
  readonly #tree: PhraseTree
  /** By symbol: where the root leads; most of a text is read there. */
  readonly #first: Int32Array
  /** By state: where to go on when no edge fits, the longest end of what was read that begins a phrase. */
  readonly #falls: Int32Array
  /** By state: the phrase that ends here, and the next state on the way down where one ends. */
  readonly #ends: Int32Array
  readonly #also: Int32Array
  /** By phrase: one of the same letters that differs in its stars. */
  readonly #twins: Int32Array
  readonly #symbols = new Uint16Array(MOST_SYMBOLS)

  /** A phrase is known by its position. */
  constructor(phrases: readonly string[]) {
    this.#alphabet = new Alphabet(phrases)
    this.#isClosed = Uint8Array.from(phrases, (phrase) => (phrase.endsWith(OPEN) ? 0 : 1))
    this.#tree = new PhraseTree(phrases.map((phrase) => this.#encoded(phrase)))
    const { ends, states } = this.#tree
    this.#first = new Int32Array(this.#alphabet.size)
    this.#falls = new Int32Array(states)
    this.#ends = new Int32Array(states).fill(NONE)
    this.#also = new Int32Array(states).fill(NONE)
    this.#twins = new Int32Array(phrases.length).fill(NONE)
    for (const [phrase, state] of ends.entries()) {
      this.#twins[phrase] = this.#ends[state] ?? NONE
      this.#ends[state] = phrase
    }
    this.#link()
  }

  /** Calls back with the position of each phrase that occurs, as often as it does. */
  scan(text: string, found: (phrase: number) => void): void {
    const symbols = this.#symbols
    const length = this.#alphabet.encode(text, symbols)
    let state = ROOT
    for (let at = 0; at < length; at++) {
      state = this.#after(state, symbols[at] ?? 0)
      if (state === ROOT) continue
      let end = this.#ends[state] === NONE ? this.#also[state] : state
      while (end !== undefined && end !== NONE) {
        this.#tell(end, at, length, found)
        end = this.#also[end]
      }
    }
  }

  #after(from: number, symbol: number): number {
    for (let state = from; state !== ROOT; state = this.#falls[state] ?? ROOT) {
      const next = this.#tree.after(state, symbol)
      if (next !== ROOT) return next
    }
    return this.#first[symbol] ?? ROOT
  }

  #tell(end: number, at: number, length: number, found: (phrase: number) => void): void {
    let phrase = this.#ends[end] ?? NONE
    while (phrase !== NONE) {
      if (this.#isWhole(phrase, at, length)) found(phrase)
      phrase = this.#twins[phrase] ?? NONE
    }
  }

  /** That it begins with a word is in its symbols; whether it ends with one, what comes next says. */
  #isWhole(phrase: number, last: number, length: number): boolean {
    const { isWord } = this.#alphabet
    const goesOn =
      last + 1 < length &&
      isWord[this.#symbols[last] ?? 0] === 1 &&
      isWord[this.#symbols[last + 1] ?? 0] === 1
    return !goesOn || this.#isClosed[phrase] === 0
  }

  /** The symbols of a phrase; without the start of its first word where it may be a part of one. */
  #encoded(phrase: string): Uint16Array {
    const length = this.#alphabet.encode(phrase.replace(/^\*|\*$/g, ''), this.#symbols)
    const isOpen = phrase.startsWith(OPEN) && this.#alphabet.isWord[this.#symbols[1] ?? 0] === 1
    return this.#symbols.slice(isOpen ? 1 : 0, length)
  }

  /** Each state falls to what its parent's fall leads to; nearer states are done before. */
  #link(): void {
    const { parents, states, symbols } = this.#tree
    for (let state = ROOT + 1; state < states; state++) {
      const symbol = symbols[state] ?? 0
      const parent = parents[state] ?? ROOT
      if (parent === ROOT) {
        this.#first[symbol] = state
        continue
      }
      const fall = this.#after(this.#falls[parent] ?? ROOT, symbol)
      this.#falls[state] = fall
      this.#also[state] = this.#ends[fall] === NONE ? (this.#also[fall] ?? NONE) : fall
    }
  }
}
