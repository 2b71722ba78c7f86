// SPDX-License-Identifier: Apache-2.0
/**
 * Finds how a message came in without reading all that happened since: its id says when that was, and events lie in the order
 * of time, so the place is found by halves.
 *
 * Known limits: of a wall clock that was set back meanwhile it knows nothing; such a message is not found.
 */
import type { ReceivedEvent } from '../../events/event.ts'
import { type JournalId, type MessageId, receivedAtOf } from '../../events/ids.ts'
import { readEffect, readEvent } from './event-record.ts'
import type { JournalFile } from './journal-files.ts'
import { nearOffset } from './near-offset.ts'
import { scanRecords } from './record-scan.ts'
import type { SegmentFiles } from './segment-files.ts'

/** Events of one moment are written in some order. */
const EARLIER_MS = 10_000
/** An id is made when the content begins, the event when it is whole and durable: a session may take so long in between. */
const LATER_MS = 3 * 60 * 60_000

interface Parts {
  readonly segments: SegmentFiles
  readonly journal: JournalId
  readonly salt: number
}

export interface Reception {
  readonly event: ReceivedEvent
  /** Of the record of the mail. */
  readonly mailLsn: number
}

export async function findReceived(parts: Parts, id: MessageId): Promise<Reception | null> {
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
): Promise<Reception | 'later' | null> {
  const needle = Buffer.from(id)
  const start = await nearOffset(file, parts.salt, ({ payload, lsn }) => {
    const event = readEvent(payload, parts.journal, lsn)
    return event && Date.parse(event.at) < from
  })
  for await (const window of scanRecords(file, { salt: parts.salt, from: start })) {
    const [first] = window.records
    const event = first && readEvent(first.payload, parts.journal, first.lsn)
    if (event && Date.parse(event.at) > from + EARLIER_MS + LATER_MS) return 'later'
    if (window.octets.indexOf(needle) < 0) continue
    for (const { kind, payload, lsn } of window.records) {
      if (kind !== 'received' || payload.indexOf(needle) < 0) continue
      const event = readEvent(payload, parts.journal, lsn)
      if (event?.type === 'message.received' && event.messageId === id)
        return { event, mailLsn: readEffect(payload).mailLsn }
    }
  }
  return null
}
