// SPDX-License-Identifier: Apache-2.0
/** What the sink has counted: how often each thing happened, and who got which message. */
import type { Instant } from '../../base/brand.ts'
import { Ring } from '../../base/ring.ts'

/** Recipients that were refused at RCPT. */
const noRefusals = { tempfail: 0, unknown: 0, full: 0, greylisted: 0, throttled: 0 }

const nothing = {
  /** Recipients of messages that got 250. */
  accepted: 0,
  ...noRefusals,
  /** Sessions that were sent away at the greeting. */
  tooManyConnections: 0,
  /** Sessions that were ended at MAIL: above the rate, or the connection was used up. */
  dismissed: 0,
  /** Transactions that ended by `drop-in-data@` or `drop-after-dot@`. */
  dropped: 0,
  /** Recipients that got no reply, a flood, or nonsense. */
  misanswered: 0,
  /** Handshakes that failed. */
  tlsFailed: 0,
  /** Messages whose content was refused: too large, a bare CR or LF, no memory. */
  refused: 0,
  /** Commands that were wrong. */
  wrongCommands: 0,
}

export type RefusalOutcome = keyof typeof noRefusals
export type SinkOutcome = keyof typeof nothing
export type SinkCounts = Readonly<Record<SinkOutcome, number>>

export interface AcceptedRecipient {
  /** The `Message-ID` field; `null` where there was none. */
  readonly messageId: string | null
  readonly recipient: string
  readonly at: Instant
}

export class Tally {
  readonly #counts: Record<SinkOutcome, number> = { ...nothing }
  readonly #accepted = new Ring<AcceptedRecipient>()
  readonly #limit: number
  #messages = 0
  #octets = 0

  /** Remembers `limit` accepted recipients; the oldest go first. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Messages that got 250. */
  get messages(): number {
    return this.#messages
  }

  /** Octets of their content. */
  get octets(): number {
    return this.#octets
  }

  get counts(): SinkCounts {
    return this.#counts
  }

  /** The latest, oldest first. */
  get accepted(): Iterable<AcceptedRecipient> {
    return this.#accepted
  }

  count(outcome: SinkOutcome): void {
    this.#counts[outcome]++
  }

  accept(message: {
    readonly messageId: string | null
    readonly recipients: readonly string[]
    readonly size: number
    readonly at: Instant
  }): void {
    const { messageId, recipients, size, at } = message
    this.#messages++
    this.#octets += size
    for (const recipient of recipients) {
      this.#counts.accepted++
      this.#accepted.push({ messageId, recipient, at })
      if (this.#accepted.size > this.#limit) this.#accepted.shift()
    }
  }
}
