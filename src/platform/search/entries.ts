// SPDX-License-Identifier: Apache-2.0
/**
 * Entries of the index: a term, and the event that it leads to. In memory and in the file each has 23 octets, big-endian, so
 * that octets compare as entries do; numbers up to 2^53 fit:
 *
 *   term 7 | at 7 | journal 2 | lsn 7
 */
import type { EventKey } from './event-key.ts'

export interface Entry extends EventKey {
  readonly term: number
}

export const ENTRY_OCTETS = 23

/** Before all others, and none itself: LSNs begin at 1. */
export const firstEntry: Entry = { term: 0, at: 0, journal: 0, lsn: 0 }

/** Below zero where `one` comes first: by term, then by event. */
export function compareEntries(one: Entry, other: Entry): number {
  return (
    one.term - other.term || one.at - other.at || one.journal - other.journal || one.lsn - other.lsn
  )
}

export function entryOctets(entry: Entry): Uint8Array {
  const entries = new Entries()
  entries.push(entry)
  return entries.octets()
}

/** A list of them, as octets: it grows at its end, and keeps its room when it is cleared. */
export class Entries {
  #octets: Uint8Array
  #view: DataView
  #length: number

  constructor(octets: Uint8Array = new Uint8Array(ENTRY_OCTETS)) {
    this.#octets = octets
    this.#view = viewOf(octets)
    this.#length = 0
  }

  /** Those that were written so. */
  static of(octets: Uint8Array): Entries {
    const entries = new Entries(octets)
    entries.#length = octets.length / ENTRY_OCTETS
    return entries
  }

  get length(): number {
    return this.#length
  }

  push({ term, at, journal, lsn }: Entry): void {
    const start = this.#length * ENTRY_OCTETS
    if (start + ENTRY_OCTETS > this.#octets.length) this.#grow(2 * (start + ENTRY_OCTETS))
    writeNumber(this.#view, start, term)
    writeNumber(this.#view, start + 7, at)
    this.#view.setUint16(start + 14, journal)
    writeNumber(this.#view, start + 16, lsn)
    this.#length++
  }

  /** What `octets` of another list gave. */
  append(octets: Uint8Array): void {
    const start = this.#length * ENTRY_OCTETS
    if (start + octets.length > this.#octets.length) this.#grow(2 * (start + octets.length))
    this.#octets.set(octets, start)
    this.#length += octets.length / ENTRY_OCTETS
  }

  clear(): void {
    this.#length = 0
  }

  at(index: number): Entry {
    const start = index * ENTRY_OCTETS
    return {
      term: readNumber(this.#view, start),
      at: readNumber(this.#view, start + 7),
      journal: this.#view.getUint16(start + 14),
      lsn: readNumber(this.#view, start + 16),
    }
  }

  /** Those of one term, in the order of the list. Most differ in the upper word, and are passed over by it alone. */
  ofTerm(term: number): Entry[] {
    const upper = Math.floor(term / 2 ** 24)
    const found: Entry[] = []
    const view = this.#view
    const end = this.#length * ENTRY_OCTETS
    for (let start = 0; start < end; start += ENTRY_OCTETS)
      if (view.getUint32(start) === upper && readNumber(view, start) === term)
        found.push(this.at(start / ENTRY_OCTETS))
    return found
  }

  /** Of a list in order: how many come before this one. */
  countBefore(entry: Entry): number {
    let [low, high] = [0, this.#length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareEntries(this.at(middle), entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * First by the upper bits of terms, with indexes in place of the lower ones: V8 sorts numbers without a comparison in
   * JavaScript, and what is then nearly in order needs few of those.
   */
  sorted(): Entry[] {
    const room = 2 ** Math.ceil(Math.log2(this.#length + 1))
    const rough = new Float64Array(this.#length)
    for (let index = 0; index < this.#length; index++) {
      const term = readNumber(this.#view, index * ENTRY_OCTETS)
      rough[index] = Math.floor(term / room) * room + index
    }
    return Array.from(rough.sort(), (number) => this.at(number % room)).sort(compareEntries)
  }

  /** From the entry with this index: what is pushed later may write over it. */
  octets(from = 0): Uint8Array {
    return this.#octets.subarray(from * ENTRY_OCTETS, this.#length * ENTRY_OCTETS)
  }

  #grow(octets: number): void {
    const larger = new Uint8Array(octets)
    larger.set(this.#octets)
    this.#octets = larger
    this.#view = viewOf(larger)
  }
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
}

/** Two words that share an octet: the upper 32 of 56 bits, and the lower 32. */
function writeNumber(view: DataView, start: number, number: number): void {
  view.setUint32(start, number / 2 ** 24)
  view.setUint32(start + 3, number)
}

function readNumber(view: DataView, start: number): number {
  return view.getUint32(start) * 2 ** 24 + (view.getUint32(start + 3) & 0xff_ffff)
}
