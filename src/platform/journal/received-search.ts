// SPDX-License-Identifier: Apache-2.0
/**
 * Finds how a message came in without reading all that happened since: its id says when that was, and events lie in the order
 * of time, so the place is found by halves.
 *
 * Known limits: of a wall clock that was set back meanwhile it knows nothing; such a message is not found.
 */
import type { ReceivedEvent } from '../../events/event.ts'
import { type JournalId, type MessageId, receivedAtOf } from '../../events/ids.ts'
import { readEvent } from './event-record.ts'
import type { JournalFile } from './journal-files.ts'
import { scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'
import type { SegmentFiles } from './segment-files.ts'

/** Events of one moment are written in some order. */
const EARLIER_MS = 10_000
/** An id is made when the content begins, the event when it is whole and durable: a session may take so long in between. */
const LATER_MS = 3 * 60 * 60_000
/** What is read for one look, and what is rather read on than halved again. */
const LOOK_OCTETS = 64 * 1_024
const NEAR_OCTETS = 1_024 * 1_024
const ALIGNMENT = 8

interface Parts {
  readonly segments: SegmentFiles
  readonly journal: JournalId
  readonly salt: number
}

export async function findReceived(parts: Parts, id: MessageId): Promise<ReceivedEvent | null> {
  const from = receivedAtOf(id) - EARLIER_MS
  const all = parts.segments.all('event')
  for (const [at, { first, madeAt }] of all.entries()) {
    if ((all[at + 1]?.madeAt ?? Number.POSITIVE_INFINITY) < from) continue
    if (madeAt > from + EARLIER_MS + LATER_MS) return null
    const found = await parts.segments.read('event', first, (file) => search(parts, file, id, from))
    if (found !== null && found !== 'later') return found
    if (found === 'later') return null
  }
  return null
}

/** `later`: from here on there is nothing that could be it. */
async function search(
  parts: Parts,
  file: JournalFile,
  id: MessageId,
  from: number,
): Promise<ReceivedEvent | 'later' | null> {
  const needle = Buffer.from(id)
  const start = await offsetOf(parts, file, from)
  for await (const window of scanRecords(file, { salt: parts.salt, from: start })) {
    const [first] = window.records
    const event = first && readEvent(first.payload, parts.journal, first.lsn)
    if (event && Date.parse(event.at) > from + EARLIER_MS + LATER_MS) return 'later'
    if (window.octets.indexOf(needle) < 0) continue
    for (const { kind, payload, lsn } of window.records) {
      if (kind !== 'received' || payload.indexOf(needle) < 0) continue
      const received = readEvent(payload, parts.journal, lsn)
      if (received?.type === 'message.received' && received.messageId === id) return received
    }
  }
  return null
}

/** Somewhere before the first event of `from` or later, and not far. */
async function offsetOf(parts: Parts, file: JournalFile, from: number): Promise<number> {
  let before = SEGMENT_HEADER_OCTETS
  let after = await file.size()
  while (after - before > NEAR_OCTETS) {
    const middle = before + Math.floor((after - before) / 2 / ALIGNMENT) * ALIGNMENT
    const at = await timeAt(parts, file, middle, after)
    if (at !== null && at < from) before = middle
    else after = middle
  }
  return before
}

/** Of the first whole event behind `offset`; `null` where none is near. */
async function timeAt(
  { journal, salt }: Parts,
  file: JournalFile,
  offset: number,
  end: number,
): Promise<number | null> {
  const to = Math.min(end, offset + LOOK_OCTETS)
  for await (const { records } of scanRecords(file, { salt, from: offset, to }))
    for (const { payload, lsn } of records) {
      const event = readEvent(payload, journal, lsn)
      if (event) return Date.parse(event.at)
    }
  return null
}
