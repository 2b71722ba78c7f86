// SPDX-License-Identifier: Apache-2.0
/**
 * Events as Server-Sent Events (HTML Living Standard §9.2): the id of each is the cursor after it, so that a client that was cut
 * off goes on where it was. A slow client is read for slowly; the journals are its buffer.
 */
import { type DurationMs, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { eventMatcher } from '../../control/search/event-match.ts'
import type { EventFilter, EventSearch } from '../../control/search/event-search.ts'
import { TagMatch } from '../../control/search/tag-match.ts'
import { formatCursor } from '../../events/cursor.ts'
import {
  cursorAfter,
  type EventBatch,
  type EventFeed,
  type FeedStart,
} from '../../spool/event-feed.ts'

/** So that proxies do not take a quiet stream for a dead one. */
const QUIET: DurationMs = seconds(15)
const COMMENT = ':\n\n'

type Matcher = (event: EventBatch['events'][number]['event']) => boolean | Promise<boolean>

export class EventStreams {
  readonly #feed: EventFeed
  readonly #clock: Clock
  readonly #search: EventSearch
  /** Open ones, by tenant; those of the installation under ''. */
  readonly #open = new Map<string, number>()

  constructor(feed: EventFeed, search: EventSearch, clock: Clock) {
    this.#feed = feed
    this.#search = search
    this.#clock = clock
  }

  /** Throws `RLY_BUSY` where too many are open. */
  open(filter: EventFilter, start: FeedStart, signal: AbortSignal): AsyncIterable<string> {
    const owner = filter.tenant ?? ''
    const mine = this.#open.get(owner) ?? 0
    const all = [...this.#open.values()].reduce((sum, count) => sum + count, 0)
    if (mine >= httpLimits.eventStreamsPerTenant || all >= httpLimits.eventStreams)
      throw new RelayError('RLY_BUSY', `${mine} event streams are open: close one, or share it`)
    this.#open.set(owner, mine + 1)
    signal.addEventListener('abort', () => this.#closed(owner), { once: true })
    return this.#texts(filter, start, signal)
  }

  async *#texts(filter: EventFilter, start: FeedStart, signal: AbortSignal): AsyncIterable<string> {
    const isWanted = this.#matcherOf(filter)
    const batches = this.#feed.read(start, signal)[Symbol.asyncIterator]()
    let next = batches.next()
    let quiet = this.#quiet(signal)
    try {
      // At once, so that the client knows that it is heard.
      yield COMMENT
      while (!signal.aborted) {
        const batch = await Promise.race([next, quiet])
        if (batch === null) {
          quiet = this.#quiet(signal)
          yield COMMENT
        } else if (batch.done) return
        else {
          next = batches.next()
          yield await textOf(batch.value, isWanted)
        }
      }
    } finally {
      await batches.return?.()
    }
  }

  #matcherOf(filter: EventFilter): Matcher {
    const isWanted = eventMatcher(filter)
    if (filter.tag === null) return isWanted
    const tag = new TagMatch(filter.tag, this.#search)
    // Of what nobody wants the tag is learned all the same: it is said once.
    return async (event) => {
      const isOf = event.type === 'message.received' || isWanted(event) ? tag.isOf(event) : false
      return (await isOf) && isWanted(event)
    }
  }

  async #quiet(signal: AbortSignal): Promise<null> {
    await this.#clock.sleep(QUIET, signal)
    return null
  }

  #closed(owner: string): void {
    const left = (this.#open.get(owner) ?? 1) - 1
    if (left > 0) this.#open.set(owner, left)
    else this.#open.delete(owner)
  }
}

/** Ends with the position of the batch: a client that wants few events need not see the others again. */
async function textOf(batch: EventBatch, isWanted: Matcher): Promise<string> {
  const texts: string[] = []
  for (const fed of batch.events) {
    if (!(await isWanted(fed.event))) continue
    const id = formatCursor(cursorAfter(batch, fed))
    texts.push(`id: ${id}\nevent: ${fed.event.type}\ndata: ${JSON.stringify(fed.event)}\n\n`)
  }
  return `${texts.join('')}id: ${formatCursor(batch.cursor)}\n\n`
}
