// SPDX-License-Identifier: Apache-2.0
/** What another process would read of a journal that is open here. */
import { JournalsFeed } from '../../src/platform/journal/journals-feed.ts'
import type { EventLog } from '../../src/spool/event-log.ts'

/** Goes on until the journal is closed. */
export function feedOf(journal: EventLog, folder: string): JournalsFeed {
  const feed = new JournalsFeed({ folderOf: () => folder })
  void feed.follow(journal.positions(new AbortController().signal))
  return feed
}
