// SPDX-License-Identifier: Apache-2.0
/**
 * Takes back `received` events of mail that is not there, and of which nobody was told that it was accepted: the records
 * become void where they lie. Done again it does nothing.
 */
import { readEffect } from './event-record.ts'
import { writeAll } from './file-writes.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import { recordOctets, sealRecord } from './record.ts'
import { type ScannedRecord, scanRecords } from './record-scan.ts'
import type { SegmentFiles } from './segment-files.ts'

export interface TakeBackParts {
  readonly files: JournalFiles
  readonly segments: SegmentFiles
  readonly salt: number
}

/** `mailLsns` names the mail. */
export async function takeBack(parts: TakeBackParts, mailLsns: ReadonlySet<number>): Promise<void> {
  if (mailLsns.size === 0) return
  const { files, segments, salt } = parts
  const earliest = Math.min(...mailLsns)
  for (const { first } of segments.all('event')) {
    if ((segments.after('event', first)?.first ?? Number.POSITIVE_INFINITY) <= earliest) continue
    const file = await files.open(segments.path('event', first), 'existing')
    try {
      for await (const { records } of scanRecords(file, { salt }))
        for (const record of records)
          if (record.kind === 'received' && mailLsns.has(readEffect(record.payload).mailLsn))
            await makeVoid(file, record, salt)
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}

async function makeVoid(
  file: JournalFile,
  { lsn, offset, payload }: ScannedRecord,
  salt: number,
): Promise<void> {
  const record = Buffer.alloc(recordOctets(payload.length))
  sealRecord(record, 0, { kind: 'void', flags: 0, lsn, payloadOctets: payload.length }, salt)
  await writeAll(file, record, offset)
}
