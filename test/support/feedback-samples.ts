// SPDX-License-Identifier: Apache-2.0
/** What the feedback layer stands on, in memory: tokens, records, an event log that a test can break. */
import { days, type Instant, plus } from '../../src/base/brand.ts'
import { Keyring } from '../../src/base/keyring.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Authentication } from '../../src/events/authentication.ts'
import type { Event, FeedbackEvent, ReceivedEvent, Unwritten } from '../../src/events/event.ts'
import { SCHEMA_VERSION } from '../../src/events/event-head.ts'
import {
  eventId,
  journalId,
  lsn,
  type MessageId,
  messageIdOctets,
  newMessageId,
} from '../../src/events/ids.ts'
import type { Finding } from '../../src/feedback/finding.ts'
import type { Claim, ReportKey, ReportMemory } from '../../src/feedback/report-memory.ts'
import { type Mailbox, parseMailbox } from '../../src/protocol/mailbox.ts'
import { TokenSealer } from '../../src/protocol/token.ts'
import type { Directory } from '../../src/records/directory.ts'
import type { EventLog } from '../../src/spool/event-log.ts'
import { sampleMessage, sampleReceived } from './mail-samples.ts'

export const random = new SeededRandom(7)
export const clock = new ManualClock()
export const sealer = new TokenSealer(new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), random))

export function mailboxOf(text: string): Mailbox {
  const mailbox = parseMailbox(text)
  if (mailbox === null) throw new TypeError(`no mailbox: ${text}`)
  return mailbox
}

export function newId(): MessageId {
  return newMessageId(clock.now(), journalId(1), random)
}

/** Of the first recipient; good for thirty days. */
export function tokenOf(id: MessageId, recipient = 'jane@example.net', index = 0): string {
  const until = plus(clock.now(), days(30))
  return sealer.seal('shop', messageIdOctets(id), index, mailboxOf(recipient), until)
}

/** A tenant `shop` with shop.example, whose mail comes back to bounce.shop.example. */
export const directory = {
  tenants: new Map([['shop', { id: 'shop' }]]),
  domains: new Map([
    [
      'shop.example',
      { tenant: 'shop', name: 'shop.example', returnPathDomain: 'bounce.shop.example' },
    ],
  ]),
  defaultStream: () => ({ name: 'receipts' }),
  stream: (tenant: string, name: string) => ({ tenant, name, forwardsReports: name === 'news' }),
} as unknown as Directory

export const unknownSender: Authentication = {
  from: null,
  spf: 'none',
  dkim: [],
  dmarc: 'none',
  policy: 'none',
}

export function findingOf(change: Partial<Finding>): Finding {
  return {
    what: 'bounced',
    messageId: null,
    recipientIndex: 0,
    addressHash: null,
    tenant: null,
    certainty: 'proven',
    kind: 'bounce',
    fate: 'noted',
    feedbackType: null,
    concerned: [],
    reportingMta: 'mx.example',
    peer: '192.0.2.1',
    size: 1_000,
    web: null,
    authentication: null,
    ...change,
  }
}

export class MemoryEvents implements Pick<EventLog, 'keep' | 'received' | 'trace'> {
  readonly kept: Unwritten<FeedbackEvent>[] = []
  readonly #messages = new Map<MessageId, ReceivedEvent>()
  /** The next `keep` writes, and fails to say so. */
  fails = false

  /** A message that came in, for these. */
  add(...recipients: readonly string[]): MessageId {
    const id = newId()
    const received = sampleReceived(sampleMessage(id, clock.now(), { recipients }))
    const number = eventId(journalId(1), lsn(1))
    this.#messages.set(id, { id: number, schemaVersion: SCHEMA_VERSION, ...received })
    return id
  }

  /** Nothing is kept of it any more. */
  forget(id: MessageId): void {
    this.#messages.delete(id)
  }

  async keep(events: readonly Unwritten<FeedbackEvent>[]): Promise<void> {
    this.kept.push(...events)
    if (!this.fails) return
    this.fails = false
    throw new Error('the disk holds events back')
  }

  async received(id: MessageId): Promise<ReceivedEvent | null> {
    return this.#messages.get(id) ?? null
  }

  async trace(id: MessageId): Promise<readonly Event[]> {
    return this.kept.filter(({ messageId }) => messageId === id) as unknown as readonly Event[]
  }

  async append(): Promise<void> {}

  positions(): never {
    throw new TypeError('nobody reads')
  }
}

export class MemoryReports implements ReportMemory {
  readonly #known = new Map<string, boolean>()

  claim(key: ReportKey): Claim {
    const name = JSON.stringify(key)
    const isConfirmed = this.#known.get(name)
    if (isConfirmed === undefined) this.#known.set(name, false)
    if (isConfirmed === undefined) return 'new'
    return isConfirmed ? 'known' : 'doubtful'
  }

  confirm(key: ReportKey): void {
    this.#known.set(JSON.stringify(key), true)
  }
}

export function later(by: number): Instant {
  clock.advance(days(by))
  return clock.now()
}
