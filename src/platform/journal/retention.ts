// SPDX-License-Identifier: Apache-2.0
/**
 * Which segments and content files may go. A mail segment: closed, all of it in the index, nobody in it waits, and
 * what failed in it was kept long enough. An event segment: its retention is over, and it is older than every mail
 * segment, so that an index made anew from what is kept never brings back somebody who is final.
 */
import { join } from 'node:path'
import { type DurationMs, type Instant, instant, plus } from '../../base/brand.ts'
import { CONTENT_FOLDER } from './draft.ts'
import type { IndexGuard } from './index-guard.ts'
import type { IndexReader, SegmentUse } from './index-reader.ts'
import type { IndexWriter } from './index-writer.ts'
import type { JournalFiles } from './journal-files.ts'
import type { Residents } from './residents.ts'
import type { Family } from './segment.ts'
import type { SegmentFiles } from './segment-files.ts'

export interface RetentionParts {
  readonly folder: string
  readonly files: JournalFiles
  readonly segments: SegmentFiles
  readonly residents: Residents
  readonly reader: IndexReader
  readonly writer: IndexWriter
  readonly guard: IndexGuard
  readonly keepEvents: DurationMs
  /** The LSN that the index is complete to. */
  readonly position: () => number
}

/** Removes what may go at `now`. */
export async function sweep(parts: RetentionParts, now: Instant): Promise<void> {
  await sweepFiles(parts, now)
  await sweepMail(parts, now)
  await sweepEvents(parts, now)
}

/** Closed segments whose records are all in the index, the oldest first, with what still lives of them. */
export function closedMail(parts: RetentionParts): SegmentUse[] {
  const uses = new Map(parts.reader.segments().map((use) => [use.first, use]))
  const closed: SegmentUse[] = []
  for (const { first } of parts.segments.all('mail')) {
    if (!isIndexed(parts, 'mail', first)) break
    closed.push(uses.get(first) ?? { first, recipients: 0, octets: 0, keepUntil: instant(0) })
  }
  return closed
}

async function sweepMail(parts: RetentionParts, now: Instant): Promise<void> {
  const dead = closedMail(parts).filter((use) => use.recipients === 0 && use.keepUntil <= now)
  if (dead.length === 0) return
  parts.writer.secure()
  for (const { first } of dead) {
    const next = parts.segments.after('mail', first)?.first ?? first
    if (parts.reader.isUsed(first, next))
      throw parts.guard.damaged(`mail segment ${first} counts nobody who waits, and has rows`)
    await parts.segments.remove('mail', first)
    parts.writer.transaction(parts.position(), () => parts.writer.removeSegment(first))
  }
  // An event segment goes after its mail, after a power loss too.
  await parts.files.syncFolder(parts.folder)
}

async function sweepEvents(parts: RetentionParts, now: Instant): Promise<void> {
  const { segments, keepEvents } = parts
  const oldestMail = segments.all('mail')[0]?.first ?? parts.position() + 1
  for (const { first } of [...segments.all('event')]) {
    const next = segments.after('event', first)
    if (!next || !isIndexed(parts, 'event', first)) return
    if (next.first > oldestMail || plus(next.madeAt, keepEvents) > now) return
    parts.writer.secure()
    await segments.remove('event', first)
  }
}

/** A file without a row is deleted by recovery, so the file goes first. */
async function sweepFiles(parts: RetentionParts, now: Instant): Promise<void> {
  const { reader, residents, files, folder, writer } = parts
  const free = reader
    .releasedFiles(now)
    .filter(({ mailLsn }) => !reader.isWaiting(mailLsn) && !residents.byLsn(mailLsn))
  for (const { name } of free) await files.unlink(join(folder, CONTENT_FOLDER, name))
  if (free.length === 0) return
  writer.transaction(parts.position(), () => {
    for (const { name } of free) writer.removeFile(name)
  })
}

function isIndexed(parts: RetentionParts, family: Family, first: number): boolean {
  const next = parts.segments.after(family, first)
  return next !== null && next.first <= parts.position() + 1
}
