// SPDX-License-Identifier: Apache-2.0
/**
 * Copies what still waits out of a mostly dead mail segment, with its recipients' states, so that the segment may go.
 * Who is owned or changed meanwhile stays; the next round finds them. Content files stay where they are.
 */
import type { Instant } from '../../base/brand.ts'
import type { SegmentUse } from './index-reader.ts'
import type { Lane } from './lane.ts'
import {
  CONTENT_HAS_FILE,
  encodeFacts,
  type MailFacts,
  type MailParts,
  readFacts,
  readParts,
  stageMail,
} from './mail-record.ts'
import type { MailItem, MailWriter } from './mail-writer.ts'
import { type ScannedRecord, type ScanWindow, scanRecords } from './record-scan.ts'
import { closedMail, type RetentionParts } from './retention.ts'
import { HELD, indexOfRow } from './row.ts'

export interface CompactionParts extends RetentionParts {
  readonly mail: MailWriter
  readonly salt: number
  readonly belowPercent: number
}

/** Copied forward in one round, the oldest first: what is read, at most so many times 64 MiB, an end of the process waits for. */
const SEGMENTS_A_ROUND = 8

/** Copies the living out of those segments that are worth it. */
export async function compact(parts: CompactionParts, now: Instant): Promise<void> {
  let left = SEGMENTS_A_ROUND
  for (const use of closedMail(parts)) {
    if (left === 0) return
    if (use.recipients === 0 || use.keepUntil > now) continue
    const size = await parts.segments.read('mail', use.first, (file) => file.size())
    if (size === null || use.octets * 100 >= size * parts.belowPercent) continue
    await copyForward(parts, use)
    left--
  }
}

async function copyForward(parts: CompactionParts, use: SegmentUse): Promise<void> {
  await parts.segments.read('mail', use.first, async (file) => {
    for await (const window of scanRecords(file, parts)) await copyWindow(parts, use, window)
  })
}

/** The payloads of a window are only valid until the next one: all of it is durable before. */
async function copyWindow(parts: CompactionParts, use: SegmentUse, window: ScanWindow) {
  const moves: Move[] = []
  for (const record of window.records) {
    if (record.kind !== 'mail' && record.kind !== 'moved') continue
    const facts = readFacts(record.payload)
    const content = readParts(record.payload, (record.flags & CONTENT_HAS_FILE) !== 0)
    if (facts && content) moves.push(new Move(parts, use.first, record, facts, content))
  }
  const living = moves.filter((move) => move.isLiving())
  for (const move of living) parts.mail.submit(move)
  await Promise.all(living.map((move) => move.end))
  parts.writer.transaction(parts.position(), () => {
    for (const move of living) move.settle()
  })
}

class Move implements MailItem {
  readonly #parts: CompactionParts
  readonly #segment: number
  readonly #record: ScannedRecord
  readonly #facts: MailFacts
  readonly #content: MailParts
  readonly #mailLsn: number
  readonly #end = Promise.withResolvers<void>()
  #place: { segment: number; offset: number } | null = null
  #lsn = 0

  constructor(
    parts: CompactionParts,
    segment: number,
    record: ScannedRecord,
    facts: MailFacts,
    content: MailParts,
  ) {
    this.#parts = parts
    this.#segment = segment
    this.#record = record
    this.#facts = facts
    this.#content = content
    this.#mailLsn = facts.moved?.lsn ?? record.lsn
  }

  get octets(): number {
    return this.#record.octets
  }

  get lsn(): number {
    return this.#lsn
  }

  get end(): Promise<void> {
    return this.#end.promise
  }

  /** Whether somebody waits for it, and only in the index. */
  isLiving(): boolean {
    return !this.#parts.residents.byLsn(this.#mailLsn) && this.#livingRows().length > 0
  }

  /** The states are read at the moment that the record gets its LSN: every outcome so far is in them. */
  stage(lane: Lane): boolean {
    if (!this.isLiving()) return false
    const rows = this.#livingRows()
    const recipients = rows.map(({ number, priority, attempts, dueAt, delayAt, lastAttempt }) => ({
      index: indexOfRow(number),
      attempts,
      dueAt,
      delayAt,
      lastAttempt,
      ...(priority === HELD && { isHeld: true as const }),
    }))
    const facts = encodeFacts(this.#facts.message, { lsn: this.#mailLsn, recipients })
    const { lsn, offset } = stageMail(lane, 'moved', facts, this.#content)
    this.#lsn = lsn
    this.#place = { segment: 0, offset }
    return true
  }

  written(segment: number, offset: number): void {
    if (this.#place) this.#place = { segment, offset: offset + this.#place.offset }
  }

  durable(): void {
    this.#end.resolve()
  }

  failed(failure: Error): void {
    this.#end.reject(failure)
  }

  /** The index, and whoever took a recipient meanwhile, now name the new place. */
  settle(): void {
    if (!this.#place) return
    const { segment, offset } = this.#place
    this.#parts.writer.move(this.#mailLsn, segment, offset)
    const resident = this.#parts.residents.byLsn(this.#mailLsn)
    if (resident) Object.assign(resident, { segment, offset })
  }

  #livingRows() {
    return this.#parts.reader
      .rowsOfMail(this.#mailLsn)
      .filter(({ segment, offset }) => segment === this.#segment && offset === this.#record.offset)
  }
}
