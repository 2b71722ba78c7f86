// SPDX-License-Identifier: Apache-2.0
/** What runs in the thread of the search view: so that neither mail nor those who ask wait for its transactions. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { seconds } from '../../base/brand.ts'
import { SystemClock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { parseCursor } from '../../events/cursor.ts'
import { SEARCH_READER, SearchView } from '../../platform/search/search-view.ts'
import { searchFile } from '../data-files.ts'
import { journalsFeed } from '../platform.ts'
import type { FromSearch, SearchStart, ToSearch } from './search-messages.ts'

/** How far it is behind. */
const REPORT_EVERY = seconds(1)

const port = parentPort
if (port !== null) await run(port, workerData as SearchStart)

async function run(main: MessagePort, { dataDir, keep, logLevel }: SearchStart): Promise<void> {
  const stop = new AbortController()
  const clock = new SystemClock()
  const log = createLog(logLevel).child({ view: SEARCH_READER })
  const feed = journalsFeed(dataDir)
  const view = new SearchView({ path: searchFile(dataDir), feed, clock, log, keep })
  const tell = (message: FromSearch) => main.postMessage(message)
  main.on('message', (message: ToSearch) => {
    switch (message.kind) {
      case 'positions':
        feed.heard(parseCursor(message.positions))
        break
      case 'find':
        void answer(message)
        break
      case 'close':
        stop.abort()
        break
    }
  })
  await Promise.all([view.follow(stop.signal), report()])
  view.close()
  main.close()

  async function report(): Promise<void> {
    while (!stop.signal.aborted) {
      const reader = feed.readers().find(({ name }) => name === SEARCH_READER)
      tell({ kind: 'behind', behind: reader?.behind ?? 0 })
      await clock.sleep(REPORT_EVERY, stop.signal)
    }
  }

  async function answer({ id, filter, page }: ToSearch & { kind: 'find' }): Promise<void> {
    try {
      tell({ kind: 'found', id, found: await view.find(filter, page) })
    } catch (thrown) {
      // A cursor that is none, or a file that is being made anew.
      const isOurs = thrown instanceof RelayError
      tell({
        kind: 'failed',
        id,
        code: isOurs ? thrown.code : 'RLY_BUSY',
        text: isOurs ? thrown.message : 'the search view is being made anew; ask again later',
      })
    }
  }
}
