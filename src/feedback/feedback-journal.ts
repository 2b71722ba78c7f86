// SPDX-License-Identifier: Apache-2.0
/** Writes findings into the journal that has the message: finds whom each is about, and makes each event once. */
import type { Clock } from '../base/clock.ts'
import {
  type FeedbackEvent,
  type ReceivedEvent,
  type ReportEvent,
  timestampOf,
  type Unwritten,
} from '../events/event.ts'
import type { MessageId } from '../events/ids.ts'
import type { FailureClass } from '../protocol/classify/failure-class.ts'
import type { EventLog } from '../spool/event-log.ts'
import { concernedBy, feedbackEvent, reportEvent } from './feedback-events.ts'
import type { FeedbackRecorder, Finding, ReportedMessage } from './finding.ts'
import type { ReportKey, ReportMemory } from './report-memory.ts'
import type { ReportedBounce } from './reported-bounces.ts'

export interface FeedbackJournalOptions {
  readonly events: Pick<EventLog, 'keep' | 'received' | 'trace'>
  readonly memory: ReportMemory
  readonly clock: Clock
  readonly node: string
  readonly onBounce: (bounce: ReportedBounce) => void
}

export class FeedbackJournal implements FeedbackRecorder {
  readonly #options: FeedbackJournalOptions
  /** What is being written, by key: whoever brings the same meanwhile waits for how that ends. */
  readonly #writing = new Map<string, Promise<boolean>>()

  constructor(options: FeedbackJournalOptions) {
    this.#options = options
  }

  record(findings: readonly Finding[]): Promise<readonly (ReportedMessage | null)[]> {
    return Promise.all(
      findings.map(async (finding) => {
        const message = await this.#messageOf(finding)
        const isNew = await this.#recordOne(finding, message)
        return message === null ? null : reportedMessage(message, isNew)
      }),
    )
  }

  async #messageOf(finding: Finding): Promise<ReceivedEvent | null> {
    if (finding.messageId === null) return null
    return this.#options.events.received(finding.messageId, isProven(finding))
  }

  /** `false`: all of it was told before. */
  async #recordOne(finding: Finding, message: ReceivedEvent | null): Promise<boolean> {
    const { certainty, messageId, what } = finding
    // Whoever says it: of a guess nothing follows.
    if (what === 'noted' || certainty === 'possible')
      return this.#note(finding, message, finding.fate)
    if (messageId === null) return this.#note(finding, null, 'unmatched')
    if (message === null) return this.#noteGone(what, finding, messageId)
    const concerns = concernedBy(finding, message)
    if (concerns.length === 0) return this.#note(finding, message, 'unmatched')
    const written = await Promise.all(
      concerns.map(async (concern) => {
        const event = feedbackEvent(what, finding, message, concern, this.#stamp())
        const key = { messageId, recipientIndex: concern.index, what, isProven: isProven(finding) }
        const isNew = await this.#once(key, event)
        if (isNew) this.#count(event, message)
        return isNew
      }),
    )
    return written.includes(true)
  }

  async #note(
    finding: Finding,
    message: ReceivedEvent | null,
    fate: ReportEvent['fate'],
  ): Promise<true> {
    await this.#options.events.keep([reportEvent(finding, message, fate, this.#stamp())])
    return true
  }

  /** Nothing is kept of the message, but perhaps that this was reported before. */
  #noteGone(what: ReportKey['what'], finding: Finding, messageId: MessageId): Promise<boolean> {
    const { recipientIndex } = finding
    if (recipientIndex === null) return this.#note(finding, null, 'gone')
    const event = reportEvent(finding, null, 'gone', this.#stamp())
    return this.#once({ messageId, recipientIndex, what, isProven: isProven(finding) }, event)
  }

  /** Whether it was not written before. */
  async #once(key: ReportKey, event: Unwritten<FeedbackEvent>): Promise<boolean> {
    const name = `${key.messageId} ${key.recipientIndex} ${key.what} ${key.isProven}`
    const before = this.#writing.get(name)
    if (before !== undefined) {
      await before
      return false
    }
    const writing = this.#write(key, event)
    this.#writing.set(name, writing)
    try {
      return await writing
    } finally {
      this.#writing.delete(name)
    }
  }

  async #write(key: ReportKey, event: Unwritten<FeedbackEvent>): Promise<boolean> {
    const { events, memory } = this.#options
    const claim = memory.claim(key)
    if (claim === 'known') return false
    const isThere = claim === 'doubtful' && (await this.#isWritten(key.messageId, event))
    if (!isThere) await events.keep([event])
    memory.confirm(key)
    return !isThere
  }

  #count(event: Unwritten<FeedbackEvent>, message: ReceivedEvent): void {
    if (event.type !== 'message.bounced' || event.certainty !== 'proven' || event.sandbox) return
    const { meaning, recipient } = event
    if (meaning === undefined) return
    this.#options.onBounce({ cause: meaning.class as FailureClass, recipient, message })
  }

  /** After a crash between the two: reads all events since the message came, which nothing else needs. */
  async #isWritten(id: MessageId, event: Unwritten<FeedbackEvent>): Promise<boolean> {
    const all = await this.#options.events.trace(id)
    return all.some(
      (other) =>
        other.type === event.type &&
        'certainty' in other &&
        'certainty' in event &&
        other.certainty === event.certainty &&
        'recipientIndex' in other &&
        'recipientIndex' in event &&
        other.recipientIndex === event.recipientIndex,
    )
  }

  #stamp(): { readonly at: string; readonly node: string } {
    return { at: timestampOf(this.#options.clock.now()), node: this.#options.node }
  }
}

function isProven({ certainty }: Finding): boolean {
  return certainty === 'proven'
}

function reportedMessage(
  { tenant, stream, reversePath, sandbox }: ReceivedEvent,
  isNew: boolean,
): ReportedMessage {
  return { tenant, stream, reversePath, sandbox: sandbox === true, isNew }
}
