// SPDX-License-Identifier: Apache-2.0
/** What a process that people ask reads from the journals. */
import { SystemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { WebhookLedger } from '../control/webhooks/webhook-ledger.ts'
import { EventLines, type LineSink } from '../platform/event-lines/event-lines.ts'
import { OutputLines } from '../platform/event-lines/output-lines.ts'
import { RotatingFile } from '../platform/event-lines/rotating-file.ts'
import { SqliteWebhookLedger } from '../platform/webhooks/sqlite-ledger.ts'
import type { Config } from './config/config.ts'
import { linesPositionFile, webhooksFile } from './data-files.ts'
import { type JournalsFeed, journalsFeed } from './platform.ts'
import { SearchClient } from './search/search-client.ts'

export interface OpenViews {
  readonly feed: JournalsFeed
  readonly search: SearchClient
  /** Throws where it cannot be opened now. */
  readonly openLedger: () => WebhookLedger
  /** `null`: nobody wants them. */
  readonly lines: EventLines | null
}

export function openViews(config: Config, log: Log): OpenViews {
  const { dataDir, logLevel, spool } = config
  const clock = new SystemClock()
  const feed = journalsFeed(dataDir)
  const sink = lineSink(config)
  const positionFile = linesPositionFile(dataDir)
  return {
    feed,
    search: new SearchClient({ dataDir, keep: spool.retentionEvents, logLevel }, clock, log),
    openLedger: () => SqliteWebhookLedger.open(webhooksFile(dataDir), clock.now(), log),
    lines: sink === null ? null : new EventLines({ feed, sink, positionFile, clock, log }),
  }
}

function lineSink({ events }: Config): LineSink | null {
  switch (events.linesTo) {
    case 'none':
      return null
    case 'stdout':
      return new OutputLines(process.stdout)
    case 'file':
      return new RotatingFile({
        path: events.linesFile,
        maxOctets: events.linesFileSize,
        keepFiles: events.linesFiles,
      })
  }
}
