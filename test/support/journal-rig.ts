// SPDX-License-Identifier: Apache-2.0
/** A journal in a folder of its own. To be killed is to be left as it is: the folder is copied and opened anew. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { days, seconds } from '../../src/base/brand.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { journalId } from '../../src/events/ids.ts'
import { systemFiles } from '../../src/platform/journal/journal-files.ts'
import {
  type Journal,
  type JournalOptions,
  openJournal,
} from '../../src/platform/journal/open-journal.ts'
import { copyLiveFolder } from './folder-copy.ts'
import { feedOf } from './journal-feed.ts'
import { KEEP_FAILED, type SpoolRig } from './spool-rig.ts'
import { WatchedFiles } from './watched-files.ts'

export interface JournalRig extends SpoolRig {
  readonly spool: Journal
  readonly folder: string
  reopen(end: 'closed' | 'killed', change?: Partial<JournalOptions>): Promise<Journal>
}

/** Small, so that tests do not write megabytes of reserve, and run on a nearly full disk; a clock that jumps is no slow disk. */
export const TEST_LIMITS = {
  reserveOctets: 64 * 1_024,
  lowWaterOctets: 0,
  viewPauseMs: 0,
  outcomeWriteMs: 0,
  slowSyncMs: Number.POSITIVE_INFINITY,
  stalledSyncMs: Number.POSITIVE_INFINITY,
}

export function journalOptions(folder: string, clock: ManualClock): JournalOptions {
  return {
    folder,
    journal: journalId(1),
    node: 'test',
    clock,
    random: new SeededRandom(clock.now()),
    log: silentLog,
    onFatal: () => {},
    retention: { failed: () => KEEP_FAILED, events: days(30) },
    limits: TEST_LIMITS,
  }
}

export function journalRig(change: Partial<JournalOptions> = {}): Promise<JournalRig> {
  return rigIn(mkdtempSync(join(tmpdir(), 'journal-')), change)
}

export interface WatchedRig extends JournalRig {
  readonly files: WatchedFiles
}

/** A rig whose disk is watched, and fails when a test says so, until it is opened again. */
export async function watchedRig(change: Partial<JournalOptions> = {}): Promise<WatchedRig> {
  const root = mkdtempSync(join(tmpdir(), 'journal-'))
  const files = new WatchedFiles(join(root, '0'))
  return Object.assign(await rigIn(root, { ...change, files }), { files })
}

async function rigIn(root: string, change: Partial<JournalOptions>): Promise<JournalRig> {
  const clock = new ManualClock()
  const options = { ...journalOptions(join(root, '0'), clock), ...change }
  const abandoned: Journal[] = []
  const spool = await openJournal(options)
  const rig = {
    clock,
    folder: options.folder,
    spool,
    feed: feedOf(spool, options.folder),
    async reopen(end: 'closed' | 'killed', again: Partial<JournalOptions> = {}) {
      if (end === 'closed') await rig.spool[Symbol.asyncDispose]()
      else {
        const copy = join(root, String(abandoned.length + 1))
        copyLiveFolder(rig.folder, copy)
        abandoned.push(rig.spool)
        rig.folder = copy
      }
      rig.spool = await openJournal({
        ...options,
        files: systemFiles,
        ...again,
        folder: rig.folder,
      })
      rig.feed = feedOf(rig.spool, rig.folder)
      return rig.spool
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...abandoned, rig.spool]) await one[Symbol.asyncDispose]()
      rmSync(root, { recursive: true })
    },
  }
  return rig
}

/** Turns the clock by seconds, one by one, and lets the journal do what it then does. */
export async function turnFor({ clock, files }: WatchedRig, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    clock.advance(seconds(1))
    await files.quiet()
  }
}

/** Turns the clock by seconds until something holds; at most a hundred. */
export async function turnUntil(rig: WatchedRig, holds: () => boolean): Promise<void> {
  for (let second = 0; second < 100 && !holds(); second++) await turnFor(rig, 1)
  assert.ok(holds(), 'it holds after a hundred seconds')
}
