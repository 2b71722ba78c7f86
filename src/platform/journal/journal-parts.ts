// SPDX-License-Identifier: Apache-2.0
/** The parts of an open journal, made from what recovery found. */

import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { spoolLimits } from '../../base/limits/spool-limits.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import { type JournalId, type Lsn, lsn } from '../../events/ids.ts'
import { Checkpointer } from './checkpointer.ts'
import { ContentCache } from './content-cache.ts'
import { EventWriter } from './event-writer.ts'
import type { IndexGuard } from './index-guard.ts'
import type { IndexReader } from './index-reader.ts'
import type { IndexWriter } from './index-writer.ts'
import type { JournalFiles } from './journal-files.ts'
import type { KeepFailed } from './keep-failed.ts'
import { Lane } from './lane.ts'
import { MailReader } from './mail-reader.ts'
import { MailWriter } from './mail-writer.ts'
import type { OpenSegment } from './new-segment.ts'
import { ReceptionSearch } from './received-search.ts'
import { Residents } from './residents.ts'
import type { Family } from './segment.ts'
import type { SegmentFiles } from './segment-files.ts'
import type { Space } from './space.ts'
import type { SyncPace } from './sync-pace.ts'
import { SyncedPosition } from './synced-position.ts'
import { takeBack } from './take-back.ts'
import { Taker } from './taker.ts'
import { Troubles, type TroublesOptions } from './troubles.ts'
import { Upkeep } from './upkeep.ts'

/** `spoolLimits`, of which a test changes some. */
export type SpoolLimits = { readonly [Name in keyof typeof spoolLimits]: number }

export interface JournalOptions {
  readonly folder: string
  readonly journal: JournalId
  /** Named in events about the journal itself. */
  readonly node: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly retention: { readonly failed: KeepFailed; readonly events: DurationMs }
  /** The journal cannot go on in this process, and can in the next. */
  readonly onFatal: () => void
  readonly limits?: Partial<SpoolLimits>
  readonly files?: JournalFiles
}

/** What recovery leaves to go on with. */
export interface Foundation {
  readonly options: JournalOptions
  readonly limits: SpoolLimits
  readonly files: JournalFiles
  readonly segments: SegmentFiles
  readonly space: Space
  readonly pace: SyncPace
  /** Content files that the index does not know. */
  readonly orphans: ReadonlySet<string>
  readonly salt: number
  readonly lastLsn: number
  readonly open: Readonly<Record<Family, OpenSegment | null>>
  readonly reader: IndexReader
  readonly writer: IndexWriter
  readonly guard: IndexGuard
  /** Of the index. */
  readonly rows: number
}

export type JournalParts = ReturnType<typeof assemble>

export function assemble(foundation: Foundation, report: TroublesOptions['tell']) {
  const { options, limits, files, segments, space, pace, salt, reader, writer, guard } = foundation
  const { clock, log, folder, journal, retention, random } = options
  const sequence = new Sequence(foundation.lastLsn)
  const lane = (family: Family) => makeLane(foundation, sequence, family)
  const eventLane = lane('event')
  const mailLane = lane('mail')
  const events: EventWriter = new EventWriter({
    lane: eventLane,
    space,
    pace,
    clock,
    outcomeWriteMs: ms(limits.outcomeWriteMs),
    outcomeSyncMs: ms(limits.outcomeSyncMs),
    unsyncedOctets: limits.unsyncedOctets,
    onSynced: () => synced.wake(),
  })
  const synced = new SyncedPosition({
    journal,
    // Events of mail that is not durable yet may still be taken back.
    syncedLsn: () =>
      Math.min(
        Math.max(foundation.lastLsn, eventLane.lastLsn),
        events.firstPending - 1,
        mail.firstHidden - 1,
      ),
    clock: options.clock,
    pause: ms(limits.viewPauseMs),
  })
  const mail: MailWriter = new MailWriter({
    lane: mailLane,
    events,
    space,
    pace,
    groupOctets: limits.groupOctets,
    takeBack: (mailLsns) => takeBack({ files, segments, salt }, mailLsns),
    onDurable: () => synced.wake(),
  })
  const cache = new ContentCache(limits.cacheOctets)
  const residents = new Residents(
    foundation.rows,
    (queue) => reader.queue(queue)?.rows ?? 0,
    (resident) => cache.drop(resident),
  )
  const checkpointer = new Checkpointer({
    residents,
    index: writer,
    events,
    mail,
    space,
    clock,
    lastLsn: () => Math.max(foundation.lastLsn, mailLane.lastLsn, eventLane.lastLsn),
    position: foundation.lastLsn,
    every: ms(limits.checkpointMs),
    dirtyRecipients: limits.dirtyRecipients,
  })
  const troubles = new Troubles({ clock, tell: report })
  const mailReader = new MailReader(folder, files, segments, salt)
  const receptions = new ReceptionSearch({ segments, journal, salt })
  const taker = new Taker({
    residents,
    index: reader,
    guard,
    checkpointer,
    reader: mailReader,
    troubles,
    clock,
  })
  const upkeep = new Upkeep({
    folder,
    files,
    segments,
    residents,
    reader,
    writer,
    guard,
    mail,
    salt,
    clock,
    log,
    orphans: foundation.orphans,
    isInTrouble: () => space.refusal !== null,
    keepEvents: retention.events,
    keepFailed: retention.failed,
    belowPercent: limits.compactBelowPercent,
    every: ms(limits.upkeepMs),
    position: () => checkpointer.position,
  })
  space.mend = async () => {
    await events.mend()
    await mail.mend()
    await checkpointer.run()
  }
  return {
    ...{ clock, random, log, folder, journal, files, limits, segments, space },
    ...{ eventLane, mailLane, events, synced, salt, mail, mailReader, cache, residents },
    receptions,
    ...{ checkpointer, taker, upkeep, reader, writer, keepFailed: retention.failed, troubles },
    closing: new AbortController(),
    onFile: (name: string, mailLsn: number) => checkpointer.newFile(name, mailLsn),
  }
}

/** The one sequence of numbers that both families share. */
class Sequence {
  #last: number

  constructor(last: number) {
    this.#last = last
  }

  get last(): number {
    return this.#last
  }

  next(): Lsn {
    return lsn(++this.#last)
  }
}

function makeLane(foundation: Foundation, sequence: Sequence, family: Family): Lane {
  const { options, files, segments, salt, limits, open } = foundation
  const { folder, clock, journal } = options
  return new Lane(
    {
      ...{ family, folder, files, segments, clock, journal, salt },
      segmentOctets: limits.segmentOctets,
      nextLsn: () => sequence.next(),
      isPromisedWhenWritten: family === 'event',
    },
    open[family],
  )
}
