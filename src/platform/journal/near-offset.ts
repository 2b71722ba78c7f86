// SPDX-License-Identifier: Apache-2.0
/**
 * A place in a segment whose records lie in the order of some number (a time, an LSN), found by halves: little is read of what
 * lies far from it. What was seen on the way is remembered, so that the next one begins near.
 */
import type { JournalFile } from './journal-files.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'

/** What is read for one look at first; records may be larger. */
const LOOK_OCTETS = 4 * 1_024
const LARGEST_LOOK_OCTETS = 1_024 * 1_024
/** What is rather read on than halved again. */
const NEAR_OCTETS = 64 * 1_024
const ALIGNMENT = 8
/** Of a segment that is full of them all are forgotten; so are those of the segment that was not looked at for longest. */
const MARKS = 2_048
const SEGMENTS = 64

export interface Searched {
  readonly file: JournalFile
  readonly size: number
  readonly salt: number
  /** `null` of a record that says nothing. */
  readonly numberOf: (record: ScannedRecord) => number | null
}

/** Numbers that were seen, by segment and offset. */
export class Landmarks {
  readonly #segments = new Map<number, { readonly offsets: number[]; readonly numbers: number[] }>()

  /** Between which two lies what is not below `target`, as far as is known. */
  around(segment: number, target: number, size: number): { before: number; after: number } {
    const marks = this.#segments.get(segment)
    if (marks === undefined) return { before: SEGMENT_HEADER_OCTETS, after: size }
    const at = firstNotBelow(marks.numbers, target)
    return {
      before: marks.offsets[at - 1] ?? SEGMENT_HEADER_OCTETS,
      after: Math.min(size, marks.offsets[at] ?? size),
    }
  }

  /** The first place that is known to be behind all below `target`; `null`: none is. */
  behind(segment: number, target: number): number | null {
    const marks = this.#segments.get(segment)
    return marks?.offsets[firstNotBelow(marks.numbers, target)] ?? null
  }

  /** One that is out of order is not believed. */
  add(segment: number, offset: number, number: number): void {
    const marks = this.#segments.get(segment) ?? { offsets: [], numbers: [] }
    this.#segments.delete(segment)
    this.#segments.set(segment, marks)
    const { numbers, offsets } = marks
    if (offsets.length >= MARKS) {
      offsets.length = 0
      numbers.length = 0
    }
    const at = firstNotBelow(offsets, offset)
    const isInOrder = (numbers[at - 1] ?? number) <= number && number <= (numbers[at] ?? number)
    if (isInOrder && offsets[at] !== offset) {
      offsets.splice(at, 0, offset)
      numbers.splice(at, 0, number)
    }
    if (this.#segments.size <= SEGMENTS) return
    for (const longest of this.#segments.keys()) {
      this.#segments.delete(longest)
      break
    }
  }
}

/** Somewhere before the first record whose number is not below `target`, and not far. */
export async function nearOffset(
  searched: Searched,
  target: number,
  marks: { readonly of: Landmarks; readonly segment: number } | null,
): Promise<number> {
  const known = marks?.of.around(marks.segment, target, searched.size)
  let { before, after } = known ?? { before: SEGMENT_HEADER_OCTETS, after: searched.size }
  while (after - before > NEAR_OCTETS) {
    const middle = before + Math.floor((after - before) / 2 / ALIGNMENT) * ALIGNMENT
    const number = await numberAt(searched, middle, after)
    if (number !== null) marks?.of.add(marks.segment, middle, number)
    if (number !== null && number < target) before = middle
    else after = middle
  }
  return before
}

/** Of the first record behind `from` that has one; `null`: there is none near. */
async function numberAt(
  { file, numberOf, salt }: Searched,
  from: number,
  end: number,
): Promise<number | null> {
  for (let octets = LOOK_OCTETS; ; octets *= 4) {
    const to = Math.min(end, from + octets)
    for await (const { records } of scanRecords(file, { salt, from, to }))
      for (const record of records) {
        const number = numberOf(record)
        if (number !== null) return number
      }
    if (to === end || octets >= LARGEST_LOOK_OCTETS) return null
  }
}

function firstNotBelow(ascending: readonly number[], target: number): number {
  let [from, to] = [0, ascending.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ascending[middle] ?? 0) < target) from = middle + 1
    else to = middle
  }
  return from
}
