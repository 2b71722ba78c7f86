// SPDX-License-Identifier: Apache-2.0
/**
 * From the files that a process left behind to a journal that goes on: finds the end of both families, cuts torn
 * tails, and replays into the index what came after its position. Every step may be done again: a crash in the middle
 * costs the time it took.
 */

import type { Log } from '../../base/log.ts'
import type { JournalId } from '../../events/ids.ts'
import type { Message } from '../../spool/message.ts'
import { setAside } from './corrupt.ts'
import { readEffect } from './event-record.ts'
import type { IndexWriter } from './index-writer.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import type { KeepFailed } from './keep-failed.ts'
import type { OpenSegment } from './new-segment.ts'
import { type Damage, type ScannedRecord, scanRecords } from './record-scan.ts'
import { Replay } from './replay.ts'
import { type Family, SEGMENT_HEADER_OCTETS } from './segment.ts'
import type { SegmentFiles } from './segment-files.ts'
import { takeBack } from './take-back.ts'

export interface RecoveryParts {
  readonly folder: string
  readonly files: JournalFiles
  readonly segments: SegmentFiles
  readonly journal: JournalId
  readonly salt: number
  readonly log: Log
  readonly keepFailed: KeepFailed
}

/** Where one family ends. */
export interface FamilyEnd {
  /** Open for writing behind the last record; `null` where the family has no segment. */
  readonly open: OpenSegment | null
  /** The last LSN that is known to have been used. */
  readonly lastLsn: number
}

/** Opens the last segment of a family and cuts what is behind its last good record. */
export async function findEnd(parts: RecoveryParts, family: Family): Promise<FamilyEnd> {
  const last = parts.segments.last(family)
  if (last === null) return { open: null, lastLsn: 0 }
  const file = await parts.files.open(parts.segments.path(family, last.first), 'existing')
  let { end, lastLsn } = { end: SEGMENT_HEADER_OCTETS, lastLsn: Number(last.first) }
  for await (const window of scanRecords(file, parts)) {
    end = window.end
    lastLsn = window.records.at(-1)?.lsn ?? lastLsn
  }
  const size = await file.size()
  if (size > end) {
    parts.log.info({ family, octets: size - end }, 'a write that did not end was cut')
    await file.truncate(end)
  }
  // What was written and not synced before the crash is relied on from here.
  await file.datasync()
  return { open: { firstLsn: last.first, file, end, madeAt: last.madeAt }, lastLsn }
}

export interface Recovered {
  /** One sentence for each damage that was found now. */
  readonly damages: readonly string[]
  /** Mail whose `received` event did not reach the disk, and its LSN. */
  readonly unannounced: ReadonlyMap<number, Message>
}

/** Brings the index from `position` to the end of the journal. */
export async function replay(
  parts: RecoveryParts,
  index: IndexWriter,
  position: number,
): Promise<Recovered> {
  const fold = new Replay(index, parts.journal, parts.keepFailed)
  const walk: Walk = { parts, index, position, damages: [] }
  const unannounced = new Map<number, Message>()
  // Only mail of the last segment can have lost its event: a segment is synced before the next one begins.
  const newest = Math.max(position, (parts.segments.last('mail')?.first ?? 0) - 1)
  let lastMail = 0
  await replayFamily(walk, 'mail', (record, segment) => {
    lastMail = record.lsn
    const message = fold.mail(record, segment)
    if (message === null) walk.damages.push(`mail record ${record.lsn} has no facts`)
    else if (record.kind === 'mail' && record.lsn > newest) unannounced.set(record.lsn, message)
  })
  const missing = new Set<number>()
  await replayFamily(walk, 'event', (record) => {
    if (record.kind !== 'received' && record.kind !== 'outcome') return
    const { mailLsn } = readEffect(record.payload)
    // An outcome shows that its mail was there.
    if (record.kind === 'outcome') missing.delete(mailLsn)
    // A group begins when the one before is synced: only mail of the last one can be missing without being damaged.
    else if (!unannounced.delete(mailLsn) && record.lsn > lastMail) missing.add(mailLsn)
    if (record.kind === 'outcome') fold.outcome(record)
  })
  await dropPresent(parts, missing)
  await takeBack(parts, missing)
  return { damages: walk.damages, unannounced }
}

/** Leaves those of which there is no record. */
async function dropPresent(
  { segments, salt }: RecoveryParts,
  mailLsns: Set<number>,
): Promise<void> {
  const earliest = Math.min(...mailLsns)
  for (const { first } of mailLsns.size === 0 ? [] : segments.all('mail')) {
    if ((segments.after('mail', first)?.first ?? Number.POSITIVE_INFINITY) <= earliest) continue
    await segments.read('mail', first, async (file) => {
      for await (const { records } of scanRecords(file, { salt }))
        for (const { lsn } of records) mailLsns.delete(lsn)
    })
  }
}

interface Walk {
  readonly parts: RecoveryParts
  readonly index: IndexWriter
  readonly position: number
  readonly damages: string[]
}

async function replayFamily(
  walk: Walk,
  family: Family,
  apply: (record: ScannedRecord, segment: number) => void,
): Promise<void> {
  const { segments, salt } = walk.parts
  for (const { first } of segments.all(family)) {
    if ((segments.after(family, first)?.first ?? Number.POSITIVE_INFINITY) <= walk.position + 1)
      continue
    await segments.read(family, first, async (file) => {
      for await (const window of scanRecords(file, { salt })) {
        for (const damage of window.damaged)
          await noteDamage(walk, { ...damage, family, segment: first }, file)
        walk.index.transaction(walk.position, () => {
          for (const record of window.records) if (record.lsn > walk.position) apply(record, first)
        })
      }
    })
  }
}

async function noteDamage(
  walk: Walk,
  damage: Damage & { readonly family: Family; readonly segment: number },
  file: JournalFile,
): Promise<void> {
  const text = await setAside(walk.parts.files, walk.parts.folder, damage, file)
  if (text !== null) walk.damages.push(text)
}
