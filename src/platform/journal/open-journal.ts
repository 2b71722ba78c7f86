// SPDX-License-Identifier: Apache-2.0
/** Opens a journal: takes the folder, recovers what is in it, and lets the parts run. */
import { join } from 'node:path'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import { spoolLimits } from '../../base/limits/spool-limits.ts'
import { timestampOf } from '../../events/event.ts'
import { CONTENT_FOLDER } from './draft.ts'
import { noEffect } from './event-record.ts'
import { deleteIndex, recoverIndex } from './index-recovery.ts'
import { Journal } from './journal.ts'
import { type JournalFiles, systemFiles } from './journal-files.ts'
import { assemble, type JournalOptions, type JournalParts } from './journal-parts.ts'
import { findOrphans } from './orphans.ts'
import { own } from './owner.ts'
import { findEnd, type Recovered } from './recovery.ts'
import type { SegmentHeader } from './segment.ts'
import { SegmentFiles } from './segment-files.ts'
import { Space } from './space.ts'
import { SyncPace } from './sync-pace.ts'
import { receivedOf } from './unannounced.ts'

export type { Journal } from './journal.ts'
export type { JournalFile, JournalFiles } from './journal-files.ts'
export type { JournalOptions } from './journal-parts.ts'

/** Throws `RLY_DATA_DIR_IN_USE`, `RLY_DATA_DIR_NEWER`, and `RLY_SPOOL_FAILED` where the disk does not let it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  try {
    return await openUnowned(options)
  } catch (thrown) {
    // A disk that is read-only, or fails to read. What is ours says so itself, and a bug with its stack.
    if (thrown instanceof RelayError || systemCode(thrown) === null) throw thrown
    throw new RelayError(
      'RLY_SPOOL_FAILED',
      `the journal in ${options.folder} cannot be opened: ${messageOf(thrown)}`,
      { cause: thrown },
    )
  }
}

async function openUnowned(options: JournalOptions): Promise<Journal> {
  const files = options.files ?? systemFiles
  await files.makeFolder(join(options.folder, CONTENT_FOLDER))
  const owner = own(options.folder, options.clock)
  try {
    return await openOwned(options, files, owner)
  } catch (thrown) {
    owner[Symbol.dispose]()
    throw thrown
  }
}

async function openOwned(options: JournalOptions, files: JournalFiles, owner: Disposable) {
  const { folder, clock, log, retention, random } = options
  const limits = { ...spoolLimits, ...options.limits }
  const segments = new SegmentFiles(folder, files)
  const headers = await segments.list()
  refuseUnreadable(segments, headers, folder)
  const salt = saltOf(headers, options) ?? random.bytes(4).readUInt32LE()
  const recovery = { ...options, files, segments, salt, keepFailed: retention.failed }
  const mail = await findEnd(recovery, 'mail')
  const event = await findEnd(recovery, 'event')
  const end = Math.max(mail.lastLsn, event.lastLsn)
  const index = await recoverIndex(recovery, end)
  const orphans = await findOrphans(files, folder, index.files)
  const pace = new SyncPace({ clock, log, ...limits })
  const space = new Space({ folder, files, clock, log, pace, ...limits })
  await space.start()
  const parts: JournalParts = assemble(
    {
      ...{ options, limits, files, segments, space, pace, salt, orphans, lastLsn: end },
      ...{ reader: index.reader, writer: index.writer, guard: index.guard, rows: index.rows },
      open: { mail: mail.open, event: event.open },
    },
    (type, text) => tell(parts, options, type, text),
  )
  index.guard.onDamaged = (why) => giveUpIndex(options, why)
  announce(parts, options, index.recovered)
  await parts.events.secured()
  parts.checkpointer.start()
  parts.upkeep.start()
  return new Journal(parts, async () => {
    await shutDown(parts)
    index.close()
    owner[Symbol.dispose]()
  })
}

/**
 * Segments of which none can be read are no empty journal: its records cannot be told from noise without the salt in the
 * headers, and a start would cut them off.
 */
function refuseUnreadable(
  segments: SegmentFiles,
  headers: readonly SegmentHeader[],
  folder: string,
): void {
  const count = segments.all('mail').length + segments.all('event').length
  if (count > 0 && headers.length === 0)
    throw new RelayError(
      'RLY_DATA_DAMAGED',
      `none of the ${count} segments in ${folder} has a readable header; nothing was changed: restore them from a backup, or move them away to start empty`,
    )
}

/** One salt for the whole journal; `null` where it has no segment yet. */
function saltOf(headers: readonly SegmentHeader[], options: JournalOptions): number | null {
  for (const { journal } of headers)
    if (journal !== options.journal)
      throw new RelayError(
        'RLY_CONFIG_INVALID',
        `${options.folder} belongs to journal ${journal}, not to journal ${options.journal}`,
      )
  return headers[0]?.salt ?? null
}

/** Says what recovery found. */
function announce(parts: JournalParts, options: JournalOptions, recovered: Recovered): void {
  for (const what of recovered.damages) tell(parts, options, 'spool.corrupt', what)
  for (const [mailLsn, message] of recovered.unannounced)
    parts.events.append('received', receivedOf(message, options.node), { ...noEffect, mailLsn })
}

/** Nothing is lost with it. A process that goes on with it could lose mail. */
function giveUpIndex({ folder, log, onFatal }: JournalOptions, why: string): void {
  log.error({ why }, 'the index is damaged: the process ends, and the next start makes it anew')
  deleteIndex(folder)
  onFatal()
}

/** Mail is at risk: in the log, and as an event. */
function tell(
  parts: JournalParts,
  { log, clock, node }: JournalOptions,
  type: 'spool.corrupt' | 'spool.unreadable',
  text: string,
): void {
  log.error({ type }, text)
  if (parts.space.closed) return
  const at = timestampOf(clock.now())
  parts.events.append('event', { type, at, node, tenant: null, text }, noEffect)
}

/** What was accepted is finished, what was recorded is synced, and the index knows it. */
async function shutDown(parts: JournalParts): Promise<void> {
  await parts.mail.idle()
  await parts.upkeep.close()
  await parts.checkpointer.close()
  try {
    await parts.events.close()
    await parts.checkpointer.run()
  } catch (thrown) {
    // Recovery reads it from the journal.
    parts.log.warn({ why: messageOf(thrown) }, 'the journal was closed without a last checkpoint')
  }
  parts.space.close()
  parts.closing.abort()
  await parts.mailLane.close()
  await parts.eventLane.close()
  await parts.segments.close()
}
