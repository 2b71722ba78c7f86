// SPDX-License-Identifier: Apache-2.0
/** What was delivered to somebody lately, for reports that say no more than that: by the search view, within bounds. */
import type { Clock } from '../../base/clock.ts'
import { feedbackLimits } from '../../base/limits/feedback-limits.ts'
import type { DeliveredEvent, Event, ReceivedEvent } from '../../events/event.ts'
import {
  type GuessedMail,
  type ReportedMail,
  type SentMail,
  type SentMailIndex,
  theOneIn,
} from '../../feedback/reported-mail.ts'
import { type EventFilter, type EventSearch, everyEvent } from './event-search.ts'

/** A page may be empty and have a next one. */
const PAGES = 3

export class SearchedMail implements SentMailIndex {
  readonly #search: EventSearch
  readonly #clock: Pick<Clock, 'now'>

  constructor(search: EventSearch, clock: Pick<Clock, 'now'>) {
    this.#search = search
    this.#clock = clock
  }

  /** Of what was guessed before nothing new comes: a report that comes daily, or by the thousand, is in the timeline once. Throws as `EventSearch.find`. */
  async find(about: ReportedMail): Promise<GuessedMail | null> {
    // Of a view that is being made anew nobody can say what it does not have.
    if (this.#search.reader().behind > feedbackLimits.guessesBehind) return null
    const since = this.#clock.now() - feedbackLimits.guessedWithinMs
    const types = ['message.received', 'message.delivered']
    const events = await this.#all({ ...everyEvent, recipient: about.recipient, types, since })
    const sent = events && sentMailIn(events, about.recipient)
    const one = sent && theOneIn(sent, about)
    return one === null || (await this.#isTold(one, about)) ? null : one
  }

  /** `null`: there are more than are looked at. */
  async #all(filter: EventFilter): Promise<readonly Event[] | null> {
    const events: Event[] = []
    let after: string | null = null
    for (let page = 0; page < PAGES; page++) {
      const limit = feedbackLimits.guessedAmong - events.length
      if (limit <= 0) return null
      const found = await this.#search.find(filter, { order: 'newest', limit, after })
      events.push(...found.events)
      after = found.next
      if (after === null) return events
    }
    return null
  }

  async #isTold({ messageId: message }: GuessedMail, about: ReportedMail): Promise<boolean> {
    const filter = { ...everyEvent, message, types: ['report.received'] }
    const events = await this.#all(filter)
    return (
      events === null ||
      events.some(
        (event) =>
          event.type === 'report.received' &&
          event.fate === 'guessed' &&
          event.kind === about.kind &&
          event.recipient?.toLowerCase() === about.recipient,
      )
    )
  }
}

/** `null`: one was delivered of which it is not known what it was. */
export function sentMailIn(
  events: readonly Event[],
  recipient: string,
): readonly SentMail[] | null {
  const received = new Map<string, ReceivedEvent>()
  const delivered: DeliveredEvent[] = []
  for (const event of events)
    if (event.type === 'message.received') received.set(event.messageId, event)
    else if (event.type === 'message.delivered' && isTo(event, recipient)) delivered.push(event)
  const sent: SentMail[] = []
  for (const { messageId, recipientIndex } of delivered) {
    const message = received.get(messageId)
    if (message === undefined) return null
    const { headerFrom, headerMessageId } = message
    const receivedAt = Date.parse(message.at)
    sent.push({ messageId, recipientIndex, receivedAt, headerFrom, headerMessageId })
  }
  return sent
}

/** Of a simulated receiver nobody reports. */
function isTo(event: DeliveredEvent, recipient: string): boolean {
  return event.sandbox !== true && event.recipient.toLowerCase() === recipient
}
