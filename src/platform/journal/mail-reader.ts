// SPDX-License-Identifier: Apache-2.0
/**
 * Reads mail back from its segment: the facts alone, or signature and content. Damage is `null`, never an exception.
 * A place that is handed in may change while it is read (a record is copied forward): it is looked at once, at the
 * beginning, and its segment stays readable until the end.
 */
import { join } from 'node:path'
import type { MessageId } from '../../events/ids.ts'
import type { SpooledContent } from '../../spool/message.ts'
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
const FILE_CHUNK_OCTETS = 64 * 1_024

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

  /** `null` where the segment is gone or the record is damaged. */
  async content(id: MessageId, place: MailPlace): Promise<SpooledContent | null> {
    const record = await this.record(place)
    const parts = record && readParts(record.payload)
    if (!parts) return null
    if (!record.hasFile)
      return { signature: parts.signature, size: parts.content.length, body: parts.content }
    const file = await this.#openContent(id)
    if (file === null) return null
    return { signature: parts.signature, size: await file.size(), body: chunksOf(file) }
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

  async #openContent(id: MessageId): Promise<JournalFile | null> {
    try {
      return await this.#files.open(join(this.#folder, 'content', id), 'read')
    } catch {
      // Gone with the last recipient, or lost: either way there is no content.
      return null
    }
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

/** Closes the file when the reader is through with it, or gives up. */
async function* chunksOf(file: JournalFile): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; ; ) {
      const chunk = await readAt(file, at, FILE_CHUNK_OCTETS)
      if (chunk.length === 0) return
      at += chunk.length
      yield chunk
    }
  } finally {
    await file.close()
  }
}
