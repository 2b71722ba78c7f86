// SPDX-License-Identifier: Apache-2.0
/**
 * Text as symbols: what people see as the same is the same. Case, accents, kinds of quotes and runs of space fall together;
 * a character that is in no phrase is one of two symbols, a letter or a gap, so that it still ends or continues a word.
 */
import { RecentMap } from '../../base/recent-map.ts'

export const GAP = 0
export const LETTER = 1
/** Stands before the first character of each word. */
const START = 2
const FIRST_OF_PHRASES = 3

/** What is read of a text: a reply's lines are shorter, and a transcript says the same again. */
export const READ_CHARACTERS = 4_096
/** What they can come to: each may begin a word. */
export const MOST_SYMBOLS = 2 * READ_CHARACTERS

const CODE_UNITS = 65_536
/** A code unit that was not met yet. */
const UNREAD = 0xffff

/** Scripts that write without spaces: every character is a word. */
const unspaced = /[\u0E00-\u0E7F\u3000-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]/

export class Alphabet {
  /** Symbol of each UTF-16 code unit, once it was met. */
  readonly #symbols = new Uint16Array(CODE_UNITS).fill(UNREAD)
  readonly #known = new Map<string, number>()
  /** By symbol: whether it continues a word. */
  readonly isWord: Uint8Array
  readonly size: number

  constructor(phrases: readonly string[]) {
    const known = this.#known
    for (const written of new Set(phrases.join('')))
      for (const character of fold(written))
        if (!known.has(character)) known.set(character, known.size + FIRST_OF_PHRASES)
    this.size = known.size + FIRST_OF_PHRASES
    this.isWord = new Uint8Array(this.size)
    this.isWord[LETTER] = 1
    for (const [character, symbol] of known) this.isWord[symbol] = isWordLike(character) ? 1 : 0
  }

  /** Writes the symbols of `text` into `into`, runs of space as one; returns how many, at most `MOST_SYMBOLS`. */
  encode(text: string, into: Uint16Array): number {
    const space = this.#symbolOf(0x20)
    const end = Math.min(text.length, READ_CHARACTERS)
    let length = 0
    let last = -1
    let wasWord = false
    for (let at = 0; at < end; at++) {
      const unit = text.charCodeAt(at)
      const read = this.#symbols[unit] ?? UNREAD
      const symbol = read === UNREAD ? this.#symbolOf(unit) : read
      const isWord = this.isWord[symbol] === 1
      if (isWord) {
        if (!wasWord) into[length++] = START
      } else if (symbol === space && last === space) continue
      into[length++] = symbol
      last = symbol
      wasWord = isWord
    }
    return length
  }

  #symbolOf(unit: number): number {
    const folded = fold(String.fromCharCode(unit))
    const symbol = this.#known.get(folded) ?? (isWordLike(folded) ? LETTER : GAP)
    this.#symbols[unit] = symbol
    return symbol
  }
}

const REMEMBERED_CHARACTERS = 1_024
const foldedBefore = new RecentMap<string, string>(REMEMBERED_CHARACTERS)

/** One character to what stands for it and its likes; a phrase character by character. */
export function fold(text: string): string {
  let folded = ''
  for (const character of text) {
    let one = foldedBefore.get(character)
    if (one === undefined) {
      one = foldCharacter(character)
      foldedBefore.set(character, one)
    }
    folded += one
  }
  return folded
}

/** Letters that Unicode does not take apart, and that people type without their stroke or dot. */
const strokes: ReadonlyMap<string, string> = new Map([
  ['ł', 'l'],
  ['đ', 'd'],
  ['ø', 'o'],
  ['ı', 'i'],
])

function foldCharacter(character: string): string {
  if (/\s/.test(character)) return ' '
  if (/["`´‘’“”]/.test(character)) return "'"
  // A base letter and its marks: the letter. What has no single base (ﬁ, ½) stays.
  const [base = character, ...marks] = character.normalize('NFD')
  const isMarked = marks.every((mark) => /\p{M}/u.test(mark))
  const lower = (isMarked ? base : character).toLowerCase()
  return strokes.get(lower) ?? lower
}

function isWordLike(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character) && !unspaced.test(character)
}
