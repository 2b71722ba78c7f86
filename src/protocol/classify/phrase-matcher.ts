// SPDX-License-Identifier: Apache-2.0
/**
 * Finds many phrases in one pass: the automaton of Aho and Corasick (1975). The time is that of reading the text, whatever the
 * number of phrases and whatever a peer wrote. Edges lie in one open hash table: a dense one would take megabytes, and
 * longer to make than a process has at its start.
 */
import { Alphabet, fold, MOST_SYMBOLS } from './folded-text.ts'

const OPEN = '*'
const ROOT = 0
const NONE = -1
/** More symbols than an alphabet of phrases has; a key is `state * SYMBOLS + symbol`. */
const SYMBOLS = 1_024
/** Places in the table for each edge. */
const PLACES_PER_EDGE = 4

/** From a state, by a symbol, to a state. */
type Edge = readonly [from: number, symbol: number, to: number]

export class PhraseMatcher {
  readonly #alphabet: Alphabet
  /** By phrase: whether no letter may follow. */
  readonly #isClosed: Uint8Array
  readonly #edges: EdgeTable
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
    const bare = phrases.map(withoutStars)
    this.#alphabet = new Alphabet(bare)
    const words = bare.map((phrase, at) => this.#encoded(phrase, phrases[at] ?? ''))
    this.#isClosed = Uint8Array.from(phrases, (phrase) => (phrase.endsWith(OPEN) ? 0 : 1))
    const { edges, ends } = plant(words)
    const states = 1 + edges.length
    this.#edges = new EdgeTable(edges)
    this.#first = new Int32Array(this.#alphabet.size)
    this.#falls = new Int32Array(states)
    this.#ends = new Int32Array(states).fill(NONE)
    this.#also = new Int32Array(states).fill(NONE)
    this.#twins = new Int32Array(phrases.length).fill(NONE)
    for (const [phrase, state] of ends.entries()) {
      this.#twins[phrase] = this.#ends[state] ?? NONE
      this.#ends[state] = phrase
    }
    this.#link(edges)
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
      const next = this.#edges.get(state * SYMBOLS + symbol)
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
  #encoded(bare: string, phrase: string): number[] {
    const length = this.#alphabet.encode(bare, this.#symbols)
    const word = [...this.#symbols.subarray(0, length)]
    const isOpen = phrase.startsWith(OPEN) && this.#alphabet.isWord[word[1] ?? 0] === 1
    return isOpen ? word.slice(1) : word
  }

  /** Each state falls to what its parent's fall leads to; nearer states are done before. */
  #link(edges: readonly Edge[]): void {
    for (const [from, symbol, to] of edges) {
      if (from === ROOT) {
        this.#first[symbol] = to
        continue
      }
      const fall = this.#after(this.#falls[from] ?? ROOT, symbol)
      this.#falls[to] = fall
      this.#also[to] = this.#ends[fall] === NONE ? (this.#also[fall] ?? NONE) : fall
    }
  }
}

/** The tree of all words: its edges level by level, and the state in which each word ends. */
function plant(words: readonly (readonly number[])[]) {
  const edges: Edge[] = []
  const known = new Map<number, number>()
  const ends = words.map(() => ROOT)
  const longest = Math.max(0, ...words.map((word) => word.length))
  for (let depth = 0; depth < longest; depth++)
    for (const [at, word] of words.entries()) {
      const symbol = word[depth]
      if (symbol === undefined) continue
      const from = ends[at] ?? ROOT
      const key = from * SYMBOLS + symbol
      const to = known.get(key) ?? edges.length + 1
      if (to > edges.length) {
        known.set(key, to)
        edges.push([from, symbol, to])
      }
      ends[at] = to
    }
  return { edges, ends }
}

/** Open addressing, at most a quarter full. No key is negative, and `ROOT` is "no edge". */
class EdgeTable {
  readonly #keys: Int32Array
  readonly #targets: Int32Array
  readonly #shift: number

  constructor(edges: readonly Edge[]) {
    const bits = Math.ceil(Math.log2((1 + edges.length) * PLACES_PER_EDGE))
    this.#keys = new Int32Array(2 ** bits).fill(NONE)
    this.#targets = new Int32Array(2 ** bits)
    this.#shift = 32 - bits
    for (const [from, symbol, to] of edges) {
      const key = from * SYMBOLS + symbol
      const place = this.#placeOf(key)
      this.#keys[place] = key
      this.#targets[place] = to
    }
  }

  get(key: number): number {
    return this.#targets[this.#placeOf(key)] ?? ROOT
  }

  /** Where the key is, or would be. */
  #placeOf(key: number): number {
    const keys = this.#keys
    // Knuth's multiplicative hashing, The Art of Computer Programming, vol. 3, §6.4.
    let place = Math.imul(key, 0x9e3779b1) >>> this.#shift
    while (keys[place] !== key && keys[place] !== NONE) place = (place + 1) & (keys.length - 1)
    return place
  }
}

function withoutStars(phrase: string): string {
  return fold(phrase.replace(/^\*|\*$/g, ''))
}
