// SPDX-License-Identifier: Apache-2.0
/**
 * Messages by their ids, whatever has become of their recipients. The index has no row of what is final; but the event of its
 * reception is found by time, says which record it is, and records lie in the order of their numbers. What was copied forward
 * meanwhile lies elsewhere: for all such together, all segments are looked through once.
 */
import type { MessageId } from '../../events/ids.ts'
import type { KeptMessage } from '../../spool/message.ts'
import type { MailPlace, MailReader } from './mail-reader.ts'
import { type MailFacts, readFacts } from './mail-record.ts'
import { nearOffset } from './near-offset.ts'
import type { ReceptionSearch } from './received-search.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import type { SegmentFiles } from './segment-files.ts'

interface Parts {
  readonly segments: SegmentFiles
  readonly salt: number
  readonly receptions: Pick<ReceptionSearch, 'find'>
  readonly mailReader: MailReader
}

export async function findKept(
  parts: Parts,
  ids: readonly MessageId[],
): Promise<ReadonlyMap<MessageId, KeptMessage>> {
  const found = new Map<MessageId, KeptMessage>()
  const elsewhere = new Set<MessageId>()
  for (const id of ids) {
    const reception = await parts.receptions.find(id, true)
    const kept = reception && (await inPlace(parts, id, reception.mailLsn))
    if (kept) found.set(id, kept)
    else elsewhere.add(id)
  }
  await findMoved(parts, elsewhere, found)
  return found
}

/** In the segment that it was accepted into. */
async function inPlace(parts: Parts, id: MessageId, mailLsn: number): Promise<KeptMessage | null> {
  const segment = parts.segments.all('mail').findLast(({ first }) => first <= mailLsn)?.first
  if (segment === undefined) return null
  return parts.segments.read('mail', segment, async (file) => {
    const { salt } = parts
    const searched = { file, size: await file.size(), salt, numberOf: lsnOf }
    const from = await nearOffset(searched, mailLsn, null)
    for await (const { records } of scanRecords(file, { salt, from }))
      for (const { lsn, offset, payload } of records) {
        if (lsn < mailLsn) continue
        const facts = lsn === mailLsn ? readFacts(payload) : null
        if (facts?.message.id !== id) return null
        return keptAt(parts, facts, { lsn: mailLsn, segment, offset })
      }
    return null
  })
}

/** Adds to `found` those of `wanted` that were copied forward. */
async function findMoved(
  parts: Parts,
  wanted: Set<MessageId>,
  found: Map<MessageId, KeptMessage>,
): Promise<void> {
  for (const { first } of parts.segments.all('mail').toReversed()) {
    if (wanted.size === 0) return
    await parts.segments.read('mail', first, async (file) => {
      for await (const { records } of scanRecords(file, { salt: parts.salt }))
        for (const { kind, offset, payload } of records) {
          const facts = kind === 'moved' ? readFacts(payload) : null
          if (!facts?.moved || !wanted.delete(facts.message.id)) continue
          const place = { lsn: facts.moved.lsn, segment: first, offset }
          found.set(facts.message.id, keptAt(parts, facts, place))
        }
    })
  }
}

function lsnOf({ lsn }: ScannedRecord): number {
  return lsn
}

function keptAt({ mailReader }: Parts, { message }: MailFacts, place: MailPlace): KeptMessage {
  // Its time may be over by then, so that nobody is told.
  return { message, content: () => mailReader.content(message.id, place, () => {}) }
}
