// SPDX-License-Identifier: Apache-2.0
/** The search view as the rest of its process knows it: questions go to its thread, and a thread that ended is replaced. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { seconds } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type {
  EventFilter,
  EventSearch,
  FoundEvents,
  SearchPage,
} from '../../control/search/event-search.ts'
import { type Cursor, formatCursor } from '../../events/cursor.ts'
import type { JournalId, Lsn } from '../../events/ids.ts'
import type { FeedReader } from '../../spool/event-feed.ts'
import type { FromSearch, SearchStart, ToSearch } from './search-messages.ts'

/** Questions that have no answer yet; over it they are refused (`RLY_BUSY`). */
const MOST_QUESTIONS = 200
const RESTART_AFTER = seconds(5)
/**
 * V8's heap of the thread; usually it needs a tenth. Without bounds of its own for young objects it would take as much room for
 * them as the thread that carries mail, where that pays (`process-memory.ts`).
 */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 24 }

export class SearchClient implements EventSearch {
  readonly #start: SearchStart
  readonly #clock: Clock
  readonly #log: Log
  readonly #questions = new Map<number, PromiseWithResolvers<FoundEvents>>()
  readonly #synced = new Map<JournalId, Lsn>()
  #thread: Worker | null = null
  #restart: Timer | null = null
  #lastId = 0
  #behind = 0
  #isClosed = false

  constructor(start: SearchStart, clock: Clock, log: Log) {
    this.#start = start
    this.#clock = clock
    this.#log = log
  }

  /** So far the journals are synced. The thread is started by the first word of them. */
  heard(positions: Cursor): void {
    for (const [journal, lsn] of positions) this.#synced.set(journal, lsn)
    if (this.#thread === null && this.#restart === null) this.#begin()
    else this.#tell({ kind: 'positions', positions: formatCursor(positions) })
  }

  find(filter: EventFilter, page: SearchPage): Promise<FoundEvents> {
    if (this.#thread === null) return Promise.reject(busy('the search view is being started'))
    if (this.#questions.size >= MOST_QUESTIONS)
      return Promise.reject(busy('too many searches wait for their answer'))
    const id = ++this.#lastId
    const question = Promise.withResolvers<FoundEvents>()
    this.#questions.set(id, question)
    this.#tell({ kind: 'find', id, filter, page })
    return question.promise
  }

  reader(): FeedReader {
    return { name: 'search', behind: this.#behind }
  }

  /** Its thread has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#restart?.cancel()
    const thread = this.#thread
    if (thread === null) return
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    this.#tell({ kind: 'close' })
    await ended
  }

  #begin(): void {
    this.#restart = null
    if (this.#isClosed) return
    const file = new URL(`./search-thread${extname(import.meta.url)}`, import.meta.url)
    const thread = new Worker(file, {
      name: 'search',
      workerData: this.#start,
      resourceLimits: HEAP,
    })
    this.#thread = thread
    thread.on('message', (message: FromSearch) => this.#hear(message))
    thread.on('error', (thrown) =>
      this.#log.error({ error: messageOf(thrown) }, 'the search view has failed'),
    )
    thread.once('exit', () => this.#ended())
    this.#tell({ kind: 'positions', positions: formatCursor(this.#synced) })
  }

  #tell(message: ToSearch): void {
    this.#thread?.postMessage(message)
  }

  #hear(message: FromSearch): void {
    if (message.kind === 'behind') {
      this.#behind = message.behind
      return
    }
    const question = this.#questions.get(message.id)
    this.#questions.delete(message.id)
    if (message.kind === 'found') question?.resolve(message.found)
    else question?.reject(new RelayError(message.code, message.text))
  }

  #ended(): void {
    this.#thread = null
    const unanswered = [...this.#questions.values()]
    this.#questions.clear()
    for (const question of unanswered) question.reject(busy('the search view has ended'))
    if (!this.#isClosed) this.#restart = this.#clock.after(RESTART_AFTER, () => this.#begin())
  }
}

function busy(why: string): RelayError {
  return new RelayError('RLY_BUSY', `${why}; ask again later`)
}
