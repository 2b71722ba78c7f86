// SPDX-License-Identifier: Apache-2.0
/**
 * Whether an event is about a message with a tag, which only the reception of the message says: remembered of those that were
 * seen, and looked up once of others.
 *
 * Known limit: what the search view does not have yet counts as without the tag.
 */
import type { Event } from '../../events/event.ts'
import type { EventFacts } from '../../events/event-facts.ts'
import type { MessageId } from '../../events/ids.ts'
import { type EventSearch, everyEvent } from './event-search.ts'

/** Messages of which a stream remembers whether they have its tag; over it the oldest are looked up again. */
export const REMEMBERED_MESSAGES = 10_000

export class TagMatch {
  readonly #tag: string
  readonly #search: EventSearch
  readonly #known = new Map<string, boolean>()

  constructor(tag: string, search: EventSearch) {
    this.#tag = tag
    this.#search = search
  }

  async isOf(event: Event): Promise<boolean> {
    const { messageId }: EventFacts = event
    if (typeof messageId !== 'string') return false
    if (event.type === 'message.received')
      return this.#remember(messageId, event.tags?.includes(this.#tag) === true)
    return this.#known.get(messageId) ?? (await this.#lookUp(messageId as MessageId))
  }

  async #lookUp(message: MessageId): Promise<boolean> {
    const filter = { ...everyEvent, message, types: ['message.received'] }
    const { events } = await this.#search.find(filter, { order: 'oldest', limit: 1, after: null })
    const [received] = events
    if (received?.type !== 'message.received') return false
    return this.#remember(message, received.tags?.includes(this.#tag) === true)
  }

  #remember(message: string, hasTag: boolean): boolean {
    this.#known.set(message, hasTag)
    if (this.#known.size > REMEMBERED_MESSAGES)
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    return hasTag
  }
}
