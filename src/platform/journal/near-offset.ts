// SPDX-License-Identifier: Apache-2.0
/** A place in a segment whose records lie in some order, found by halves: little is read of what lies far from it. */
import type { JournalFile } from './journal-files.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'

/** What is read for one look, and what is rather read on than halved again. */
const LOOK_OCTETS = 64 * 1_024
const NEAR_OCTETS = 1_024 * 1_024
const ALIGNMENT = 8

/**
 * Somewhere before the first record that is not `isBefore`, and not far. `isBefore` answers `null` of a record that says nothing;
 * where a look finds none that does, the place is taken to be behind.
 */
export async function nearOffset(
  file: JournalFile,
  salt: number,
  isBefore: (record: ScannedRecord) => boolean | null,
): Promise<number> {
  let before = SEGMENT_HEADER_OCTETS
  let after = await file.size()
  while (after - before > NEAR_OCTETS) {
    const middle = before + Math.floor((after - before) / 2 / ALIGNMENT) * ALIGNMENT
    if (await look(file, salt, middle, after, isBefore)) before = middle
    else after = middle
  }
  return before
}

async function look(
  file: JournalFile,
  salt: number,
  from: number,
  end: number,
  isBefore: (record: ScannedRecord) => boolean | null,
): Promise<boolean> {
  for (let octets = LOOK_OCTETS; ; octets *= 4) {
    const to = Math.min(end, from + octets)
    for await (const { records } of scanRecords(file, { salt, from, to }))
      for (const record of records) {
        const answer = isBefore(record)
        if (answer !== null) return answer
      }
    // Records may be larger than a look.
    if (to === end || octets >= NEAR_OCTETS) return false
  }
}
