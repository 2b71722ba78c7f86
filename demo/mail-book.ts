// SPDX-License-Identifier: Apache-2.0
/**
 * What became of each of the shop's messages, each of which has one recipient: put together from the shop's client, the
 * relay's events and the providers' servers. The providers are the judge of what was delivered.
 */
import type { Event } from '../src/events/event.ts'
import type { Reply } from '../src/protocol/reply.ts'
import type { DemoProvider } from './providers.ts'
import type { ShopMessage } from './shop-mail.ts'

export interface MailEntry {
  readonly message: ShopMessage
  /** The client got 250. */
  isAccepted: boolean
  /** Times that the provider took it. */
  arrivals: number
  /** From the relay's reception until the provider took it, milliseconds; `null` until both are known. */
  readonly timeToDeliverMs: number | null
  receivedAt: number | null
  arrivedAt: number | null
  /** The relay's own id of it. */
  relayId: string | null
  deferrals: number
  /** It waits for its owner to tidy up, which nobody in a demo does. */
  isFull: boolean
  /** The last word of the relay's events. */
  end: 'delivered' | 'bounced' | 'expired' | 'suppressed' | null
  bounceReply: Reply | null
  /** `null` until the verifier has spoken; then what is wrong, or an empty text. */
  verdict: string | null
}

const ends = {
  'message.delivered': 'delivered',
  'message.bounced': 'bounced',
  'message.expired': 'expired',
  'message.suppressed': 'suppressed',
} as const

class Entry implements MailEntry {
  readonly message: ShopMessage
  isAccepted = false
  arrivals = 0
  receivedAt: number | null = null
  arrivedAt: number | null = null
  relayId: string | null = null
  deferrals = 0
  isFull = false
  end: MailEntry['end'] = null
  bounceReply: Reply | null = null
  verdict: string | null = null

  constructor(message: ShopMessage) {
    this.message = message
  }

  get timeToDeliverMs(): number | null {
    if (this.receivedAt === null || this.arrivedAt === null) return null
    return Math.max(0, this.arrivedAt - this.receivedAt)
  }
}

export class MailBook {
  readonly #entries: readonly Entry[]
  readonly #byMessageId: ReadonlyMap<string, Entry>
  readonly #byRelayId = new Map<string, Entry>()
  /** Messages that the relay refused, with its words. */
  readonly refusals: string[] = []
  /** Delivery reports that came back to the shop. */
  reports = 0

  constructor(mail: readonly ShopMessage[]) {
    this.#entries = mail.map((message) => new Entry(message))
    this.#byMessageId = new Map(this.#entries.map((entry) => [entry.message.messageId, entry]))
  }

  get entries(): readonly MailEntry[] {
    return this.#entries
  }

  of(provider: DemoProvider): readonly MailEntry[] {
    return this.#entries.filter((entry) => entry.message.provider === provider)
  }

  accepted(messageId: string): void {
    const entry = this.#byMessageId.get(messageId)
    if (entry) entry.isAccepted = true
  }

  refused(why: string): void {
    this.refusals.push(why)
  }

  /** `false` where the message is none of the shop's. */
  arrived(messageId: string | null, at: number): boolean {
    const entry = this.#byMessageId.get(messageId ?? '')
    if (!entry) return false
    entry.arrivals++
    entry.arrivedAt ??= at
    return true
  }

  verified(messageId: string, verdict: string): void {
    const entry = this.#byMessageId.get(messageId)
    if (entry) entry.verdict = verdict
  }

  /** Whether the relay has said its last word on every accepted message but those to full mailboxes, and the verifier on every arrival. */
  get isSettled(): boolean {
    const isOpen = (entry: Entry): boolean =>
      entry.isAccepted && entry.end === null && !entry.isFull
    return !this.hasUnverified && !this.#entries.some(isOpen)
  }

  /** Whether something was delivered that the verifier has not judged yet. */
  get hasUnverified(): boolean {
    return this.#entries.some(({ arrivals, verdict }) => arrivals > 0 && verdict === null)
  }

  /** From the relay's event stream. */
  heard(event: Event): void {
    switch (event.type) {
      case 'message.received': {
        const entry = this.#byMessageId.get(event.headerMessageId ?? '')
        if (!entry) return
        entry.relayId = event.messageId
        entry.receivedAt = Date.parse(event.at)
        this.#byRelayId.set(event.messageId, entry)
        return
      }
      case 'message.deferred': {
        const entry = this.#byRelayId.get(event.messageId)
        if (!entry) return
        entry.deferrals++
        entry.isFull = event.meaning?.class === 'mailbox-full'
        return
      }
      case 'message.delivered':
      case 'message.bounced':
      case 'message.expired':
      case 'message.suppressed': {
        const entry = this.#byRelayId.get(event.messageId)
        if (!entry || ('by' in event && event.by === 'report')) return
        entry.end = ends[event.type]
        if (event.type === 'message.bounced') entry.bounceReply = event.reply
      }
    }
  }
}
