// SPDX-License-Identifier: Apache-2.0
/** All events about one message, looked for in the segments that may have them. */
import type { Event } from '../../events/event.ts'
import { type JournalId, type MessageId, receivedAtOf } from '../../events/ids.ts'
import { readEvent } from './event-record.ts'
import { scanRecords } from './record-scan.ts'
import type { SegmentFiles, SegmentInfo } from './segment-files.ts'

export interface EventTraceParts {
  readonly segments: SegmentFiles
  readonly journal: JournalId
  readonly salt: number
}

/** The wall clock may have been set back by this much between a segment's header and a message's id. */
const CLOCK_SLACK_MS = 60 * 60_000

export async function traceEvents(
  { segments, journal, salt }: EventTraceParts,
  id: MessageId,
): Promise<readonly Event[]> {
  const needle = Buffer.from(id)
  const found: Event[] = []
  for (const { first } of segmentsSince(segments.all('event'), receivedAtOf(id) - CLOCK_SLACK_MS))
    await segments.read('event', first, async (file) => {
      for await (const window of scanRecords(file, { salt })) {
        if (window.octets.indexOf(needle) < 0) continue
        for (const { kind, payload, lsn } of window.records) {
          if (kind === 'void' || payload.indexOf(needle) < 0) continue
          const event = readEvent(payload, journal, lsn)
          if (event && 'messageId' in event && event.messageId === id) found.push(event)
        }
      }
    })
  return found
}

/** Segments that may have an event of `since` or later: each ends where the next one was made. */
function segmentsSince(all: readonly SegmentInfo[], since: number): readonly SegmentInfo[] {
  return all.filter((_, at) => (all[at + 1]?.madeAt ?? Number.POSITIVE_INFINITY) >= since)
}
