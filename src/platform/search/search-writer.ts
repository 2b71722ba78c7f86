// SPDX-License-Identifier: Apache-2.0
/** Puts events into the search view, many in one transaction, with the position that it is then complete to. */
import type { DatabaseSync } from 'node:sqlite'
import { type Cursor, formatCursor } from '../../events/cursor.ts'
import { type EventFacts, providerOf, recipientsOf } from '../../events/event-facts.ts'
import type { FedEvent } from '../../spool/event-feed.ts'
import type { Part, Parts } from './parts.ts'
import { headerTerm, messageTerm, recipientTerm } from './terms.ts'
import type { Words } from './words.ts'

export class SearchWriter {
  readonly #database: DatabaseSync
  readonly #parts: Parts
  readonly #words: Words

  constructor(database: DatabaseSync, parts: Parts, words: Words) {
    this.#database = database
    this.#parts = parts
    this.#words = words
  }

  /** All of it, or nothing. What was written before is written over. */
  take(events: readonly FedEvent[], cursor: Cursor): void {
    const changed = new Set<Part>()
    this.#database.exec('begin immediate')
    try {
      for (const fed of events) changed.add(this.#add(fed))
      this.#parts.save(changed)
      this.#database.prepare('update view set cursor = ?').run(formatCursor(cursor))
      this.#database.exec('commit')
    } catch (thrown) {
      // A full disk, or a damaged file; the caller knows which.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      this.#words.forget()
      this.#parts.reload()
      throw thrown
    }
  }

  #add({ journal, lsn, segment, offset, event }: FedEvent): Part {
    const at = Date.parse(event.at)
    const part = this.#parts.partFor(at)
    const facts: EventFacts = event
    part.events++
    part.latest = Math.max(part.latest, at)
    part.addEvent.run(
      at,
      journal,
      lsn,
      segment,
      offset,
      this.#words.number('type', event.type),
      this.#word('tenant', event.tenant),
      this.#word('stream', facts.stream),
      this.#word('campaign', facts.campaign),
      this.#word('provider', providerOf(facts)),
      this.#tags(facts.tags),
    )
    for (const term of termsOf(event)) part.terms.push({ term, at, journal, lsn })
    return part
  }

  #word(
    kind: 'tenant' | 'stream' | 'campaign' | 'provider',
    text: string | null | undefined,
  ): number | null {
    return text === null || text === undefined ? null : this.#words.number(kind, text)
  }

  #tags(tags: readonly string[] | undefined): string | null {
    if (tags === undefined) return null
    return `,${tags.map((tag) => this.#words.number('tag', tag)).join(',')},`
  }
}

function termsOf(facts: EventFacts): number[] {
  const { messageId, headerMessageId } = facts
  const terms = recipientsOf(facts).map(recipientTerm)
  if (typeof messageId === 'string') terms.push(messageTerm(messageId))
  if (typeof headerMessageId === 'string') terms.push(headerTerm(headerMessageId))
  return terms
}
