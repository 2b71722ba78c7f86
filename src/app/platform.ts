// SPDX-License-Identifier: Apache-2.0
/** Opens what one process stands on: its lock, journal, store and keys. The only file that knows which implementations these are. */
import { mkdirSync } from 'node:fs'
import type { Clock } from '../base/clock.ts'
import { invariant } from '../base/invariant.ts'
import type { Keyring } from '../base/keyring.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { RetryMemory } from '../control/recovery/retry-memory.ts'
import type { JournalId } from '../events/ids.ts'
import type { ReportMemory } from '../feedback/report-memory.ts'
import { JoinedReports } from '../platform/joined-reports.ts'
import { JoinedRetries } from '../platform/joined-retries.ts'
import { JoinedSpool } from '../platform/joined-spool.ts'
import { JournalsFeed } from '../platform/journal/journals-feed.ts'
import { type Journal, type JournalOptions, openJournal } from '../platform/journal/open-journal.ts'
import { SqliteReportMemory } from '../platform/sqlite/report-memory.ts'
import { SqliteRetryMemory } from '../platform/sqlite/retry-memory.ts'
import type { Store } from '../records/store.ts'
import type { EventLog } from '../spool/event-log.ts'
import type { Spool } from '../spool/spool.ts'
import type { Config } from './config/config.ts'
import { journalFolder, journalsIn } from './data-files.ts'
import { FailedRetention } from './failed-retention.ts'
import { memoryShares } from './process-memory.ts'
import { openRecords } from './records.ts'
import { adopts, ownJournal, type WorkerPlace } from './worker-place.ts'

export interface Platform extends AsyncDisposable {
  readonly clock: Clock
  readonly random: Random
  readonly keyring: Keyring
  readonly store: Store
  /** Of failed mail; follows the records once they are watched. */
  readonly retention: FailedRetention
  /** Also the event log: one journal, written by outcomes, read by cursor. */
  readonly spool: Spool & EventLog
  /** Which reports were recorded about the mail of `spool`. */
  readonly reports: ReportMemory
  /** Who was sent mail of `spool` again. */
  readonly retries: RetryMemory
}

export type { JournalsFeed } from '../platform/journal/journals-feed.ts'

/** What the journals of a relay say, whichever process writes them. */
export function journalsFeed(dataDir: string): JournalsFeed {
  return new JournalsFeed({ folderOf: (journal) => journalFolder(dataDir, journal) })
}

type JournalBase = Pick<JournalOptions, 'clock' | 'random' | 'log' | 'onFatal'>

/** Throws `RLY_DATA_DIR_*`, `RLY_KEY_FILE`. `onFatal`: a journal can only go on in another process. */
export async function openPlatform(
  config: Config,
  place: WorkerPlace,
  log: Log,
  onFatal: () => void,
): Promise<Platform> {
  const { clock, random, keyring, store } = await openRecords(config)
  try {
    const retention = new FailedRetention(config.spool.retentionFailed, await store.streams.list())
    const base = { clock, random, log, onFatal }
    const journals = await openJournals(config, place, retention, base)
    return {
      retention,
      clock,
      random,
      keyring,
      store,
      ...journals,
      async [Symbol.asyncDispose]() {
        await journals[Symbol.asyncDispose]()
        await store[Symbol.asyncDispose]()
      },
    }
  } catch (thrown) {
    // In use, or newer than this program; the caller says so.
    await store[Symbol.asyncDispose]()
    throw thrown
  }
}

/** The worker's own journal, and those that it adopts: an earlier start had more workers. With each what it knows of reports and retries. */
async function openJournals(
  config: Config,
  place: WorkerPlace,
  retention: FailedRetention,
  base: JournalBase,
) {
  const own = ownJournal(place)
  const adopted = journalsIn(config.dataDir).filter((journal) => adopts(place, journal))
  const opened = new Map<JournalId, Journal>()
  const reports = new Map<JournalId, SqliteReportMemory>()
  const retries = new Map<JournalId, SqliteRetryMemory>()
  const close = async (): Promise<void> => {
    for (const memory of [...reports.values(), ...retries.values()]) memory[Symbol.dispose]()
    await Promise.all([...opened.values()].map((journal) => journal[Symbol.asyncDispose]()))
  }
  try {
    for (const journal of [own, ...adopted]) {
      const folder = journalFolder(config.dataDir, journal)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      opened.set(journal, await open(config, folder, journal, retention, base))
      reports.set(journal, SqliteReportMemory.open(folder, base.clock))
      retries.set(journal, SqliteRetryMemory.open(folder, base.clock))
    }
  } catch (thrown) {
    // In use, or newer than this program.
    await close()
    throw thrown
  }
  const [first, ofReports, ofRetries] = [opened.get(own), reports.get(own), retries.get(own)]
  invariant(first && ofReports && ofRetries, 'the own journal was opened')
  return {
    spool: adopted.length === 0 ? first : new JoinedSpool(first, opened),
    reports: new JoinedReports(ofReports, reports),
    retries: new JoinedRetries(ofRetries, retries),
    [Symbol.asyncDispose]: close,
  }
}

function open(
  config: Config,
  folder: string,
  journal: JournalId,
  retention: FailedRetention,
  base: JournalBase,
): Promise<Journal> {
  return openJournal({
    ...base,
    folder,
    journal,
    node: config.nodeName,
    retention: { failed: retention.of, events: config.spool.retentionEvents },
    limits: {
      lowWaterOctets: config.spool.lowWater,
      cacheOctets: memoryShares(config.maxMemory).cacheOctets,
    },
  })
}
