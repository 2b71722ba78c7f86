// SPDX-License-Identifier: Apache-2.0
/**
 * Content files that the index does not know at a start. A draft was never accepted and goes at once. What has a message's
 * name goes only when no mail record names it, and no damaged one may have: the index is derived, and is not believed
 * where content could be lost.
 */

import { join } from 'node:path'
import { type Instant, plus } from '../../base/brand.ts'
import type { Log } from '../../base/log.ts'
import { CONTENT_FOLDER } from './draft.ts'
import type { IndexWriter } from './index-writer.ts'
import type { JournalFiles } from './journal-files.ts'
import type { KeepFailed } from './keep-failed.ts'
import { CONTENT_HAS_FILE, readFacts } from './mail-record.ts'
import { type ScanWindow, scanRecords } from './record-scan.ts'
import type { SegmentFiles } from './segment-files.ts'

export interface OrphanParts {
  readonly folder: string
  readonly files: JournalFiles
  readonly segments: SegmentFiles
  readonly writer: IndexWriter
  readonly salt: number
  readonly keepFailed: KeepFailed
  /** The LSN that the index is complete to. */
  readonly position: () => number
  readonly log: Log
}

/** Deletes drafts. Returns the names of content that is not among `known`. */
export async function findOrphans(
  files: JournalFiles,
  folder: string,
  known: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const content = join(folder, CONTENT_FOLDER)
  const orphans = new Set<string>()
  for (const name of await files.list(content))
    if (name.endsWith('.draft')) await files.unlink(join(content, name))
    else if (!known.has(name)) orphans.add(name)
  return orphans
}

/**
 * Looks through all mail records for those that name an orphan. What they name goes back into the index, and stays as
 * long as somebody waits for it, or content of failed mail is kept; the rest is deleted.
 */
export async function settleOrphans(
  parts: OrphanParts,
  orphans: ReadonlySet<string>,
  now: Instant,
): Promise<void> {
  if (orphans.size === 0) return
  const { files, folder, writer, log, keepFailed } = parts
  const { named, isWhole } = await recordsNaming(parts, orphans)
  if (named.size > 0) {
    writer.transaction(parts.position(), () => {
      for (const [name, mailLsn] of named) {
        writer.addFile(name, mailLsn)
        writer.releaseFile(mailLsn, plus(now, keepFailed(null)))
      }
    })
    log.warn(
      { files: named.size },
      'the index had lost content files that mail names; it has them again',
    )
  }
  for (const name of orphans)
    if (isWhole && !named.has(name)) await files.unlink(join(folder, CONTENT_FOLDER, name))
}

/** LSNs that mail was accepted with, by the names of its content. `isWhole`: no record is damaged. */
async function recordsNaming({ segments, salt }: OrphanParts, orphans: ReadonlySet<string>) {
  const named = new Map<string, number>()
  let isWhole = true
  for (const { first } of segments.all('mail'))
    await segments.read('mail', first, async (file) => {
      for await (const window of scanRecords(file, { salt })) {
        isWhole &&= window.damaged.length === 0
        for (const [name, mailLsn] of namesIn(window, orphans)) named.set(name, mailLsn)
      }
    })
  return { named, isWhole }
}

function* namesIn({ records }: ScanWindow, orphans: ReadonlySet<string>) {
  for (const { flags, lsn, payload } of records) {
    const facts = flags & CONTENT_HAS_FILE ? readFacts(payload) : null
    if (facts && orphans.has(facts.message.id))
      yield [facts.message.id, facts.moved?.lsn ?? lsn] as const
  }
}
