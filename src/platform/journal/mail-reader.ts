// SPDX-License-Identifier: Apache-2.0
/**
 * Reads mail back from its segment: the facts alone, or signature and content. Damage is a value, and so is trouble in reading content;
 * trouble in reading facts rejects. A place that is handed in may change while it is read (a record is copied forward): it is looked at once, at the
 * beginning, and its segment stays readable until the end.
 */
import { join } from 'node:path'
import type { MessageId } from '../../events/ids.ts'
import { type ContentTrouble, type FoundContent, MemoryContent } from '../../spool/content.ts'
import { ContentFile, troubleOf } from './content-file.ts'
import { CONTENT_FOLDER } from './draft.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import {
  CONTENT_HAS_FILE,
  MAIL_PREFIX_OCTETS,
  type MailFacts,
  readFacts,
  readMailPrefix,
  readParts,
} from './mail-record.ts'
import { isIntact, RECORD_HEADER_OCTETS, type RecordHeader, readRecordHeader } from './record.ts'
import { scanRecords } from './record-scan.ts'
import type { SegmentFiles } from './segment-files.ts'

/** Holds the facts of a message with a few recipients. */
const FIRST_READ_OCTETS = 2_048

export interface MailPlace {
  /** Of the record that the message was accepted with. */
  readonly lsn: number
  readonly segment: number
  readonly offset: number
}

export type SpooledFacts = MailFacts & { readonly hasFile: boolean }

export class MailReader {
  readonly #folder: string
  readonly #files: JournalFiles
  readonly #segments: SegmentFiles
  readonly #salt: number

  constructor(folder: string, files: JournalFiles, segments: SegmentFiles, salt: number) {
    this.#folder = folder
    this.#files = files
    this.#segments = segments
    this.#salt = salt
  }

  /** `null` where the segment is gone or the record is damaged. `elsewhere`: the message's record is not at that place. */
  async facts(place: MailPlace): Promise<SpooledFacts | 'elsewhere' | null> {
    const { lsn, segment, offset } = place
    const facts = await this.#factsAt({ lsn, segment, offset })
    if (facts !== null) return facts
    return (await this.#isElsewhere({ lsn, segment, offset })) ? 'elsewhere' : null
  }

  #factsAt({ lsn, segment, offset }: MailPlace): Promise<SpooledFacts | 'elsewhere' | null> {
    return this.#segments.read('mail', segment, async (file) => {
      const first = await readAt(file, offset, FIRST_READ_OCTETS)
      const header = readRecordHeader(first, 0, this.#salt)
      if (header === null) return null
      if (header.lsn !== lsn && header.kind !== 'moved') return 'elsewhere'
      const payload = first.subarray(RECORD_HEADER_OCTETS)
      const prefix = readMailPrefix(payload)
      if (prefix === null) return null
      const wanted = MAIL_PREFIX_OCTETS + prefix.factsOctets
      const whole = wanted <= payload.length
      const facts = readFacts(
        whole ? payload : await readAt(file, offset + RECORD_HEADER_OCTETS, wanted),
      )
      if (facts === null) return null
      if ((facts.moved?.lsn ?? header.lsn) !== lsn) return 'elsewhere'
      return { ...facts, hasFile: hasFile(header) }
    })
  }

  /** Whether there is a record of the message at another place: in the segment, or anywhere where that is gone. */
  async #isElsewhere({ lsn: mailLsn, segment, offset: at }: MailPlace): Promise<boolean> {
    const all = this.#segments.all('mail').map(({ first }): number => first)
    for (const first of all.includes(segment) ? [segment] : all) {
      const found = await this.#segments.read('mail', first, async (file) => {
        for await (const { records } of scanRecords(file, { salt: this.#salt }))
          for (const { lsn, offset, payload, kind } of records)
            if (
              (first !== segment || offset !== at) &&
              (kind === 'moved' ? movedLsn(payload) : lsn) === mailLsn
            )
              return true
        return false
      })
      if (found) return true
    }
    return false
  }

  /** `onTrouble` is called once where there is trouble, now or while the body is read. */
  async content(
    id: MessageId,
    place: MailPlace,
    onTrouble: (trouble: ContentTrouble) => void,
  ): Promise<FoundContent> {
    const found = await this.#content(id, place, onTrouble)
    if (found.kind === 'damaged' || found.kind === 'unreadable') onTrouble(found)
    return found
  }

  async #content(
    id: MessageId,
    place: MailPlace,
    onTrouble: (trouble: ContentTrouble) => void,
  ): Promise<FoundContent> {
    let record: { readonly payload: Buffer; readonly hasFile: boolean } | null
    try {
      record = await this.record(place)
    } catch (thrown) {
      return troubleOf(thrown)
    }
    const parts = record && readParts(record.payload, record.hasFile)
    if (!parts) return damagedRecord
    const { signature, content } = parts
    if (content instanceof Uint8Array) return new MemoryContent(signature, content)
    const path = join(this.#folder, CONTENT_FOLDER, id)
    return new ContentFile({ files: this.#files, path, signature, expected: content, onTrouble })
  }

  /** The whole payload, or `null`. */
  record({
    lsn,
    segment,
    offset,
  }: MailPlace): Promise<{ payload: Buffer; hasFile: boolean } | null> {
    return this.#segments.read('mail', segment, async (file) => {
      const start = await readAt(file, offset, RECORD_HEADER_OCTETS)
      const header = readRecordHeader(start, 0, this.#salt)
      if (header === null || (header.lsn !== lsn && header.kind !== 'moved')) return null
      const payload = await readAt(file, offset + RECORD_HEADER_OCTETS, header.payloadOctets)
      if (!isIntact(header, payload)) return null
      return { payload, hasFile: hasFile(header) }
    })
  }
}

function movedLsn(payload: Buffer): number | undefined {
  return readFacts(payload)?.moved?.lsn
}

function hasFile(header: RecordHeader): boolean {
  return (header.flags & CONTENT_HAS_FILE) !== 0
}

async function readAt(file: JournalFile, position: number, octets: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(octets)
  return buffer.subarray(0, await file.read(buffer, position))
}

const damagedRecord: ContentTrouble = {
  kind: 'damaged',
  why: 'its record does not match its checksum',
}
