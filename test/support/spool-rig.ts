// SPDX-License-Identifier: Apache-2.0
/** What the conformance suite of the spool needs of an implementation, and short ways to say what a test does. */
import { days, type Instant, minutes, ms } from '../../src/base/brand.ts'
import type { ManualClock } from '../../src/base/manual-clock.ts'
import type { Cursor } from '../../src/events/cursor.ts'
import { type Event, timestampOf } from '../../src/events/event.ts'
import type { FoundContent } from '../../src/spool/content.ts'
import { cursorAfter, type EventFeed, type FeedStart } from '../../src/spool/event-feed.ts'
import type { EventLog } from '../../src/spool/event-log.ts'
import type { Message, WaitingRecipient } from '../../src/spool/message.ts'
import type { Spool } from '../../src/spool/spool.ts'
import { sampleMessage, sampleReceived } from './mail-samples.ts'

export type AnySpool = Spool & EventLog

/** One spool on one disk; `spool` is the one that runs now. */
export interface SpoolRig extends AsyncDisposable {
  readonly clock: ManualClock
  readonly spool: AnySpool
  /** Of the same. */
  readonly feed: EventFeed
  /** Ends the spool in order, or as `kill -9` does, and opens it again on what is on the disk. */
  reopen(end: 'closed' | 'killed'): Promise<AnySpool>
}

/** Retention of every rig. */
export const KEEP_FAILED = days(7)
/** Outcomes are synced after this at the latest. */
const SYNC_MS = 50
export const RETRY_AFTER = minutes(5)

export const SIGNATURE = Buffer.from('DKIM-Signature: v=1; d=shop.example\r\n')
export const CONTENT = Buffer.from('Subject: Your order\r\n\r\nThank you.\r\n')

export interface Submitted {
  readonly message: Message
  readonly recipients: readonly WaitingRecipient[]
  /** The only recipient, or the first. */
  readonly recipient: WaitingRecipient
}

/** Accepts one message. */
export async function submit(
  spool: AnySpool,
  at: Instant,
  change: Parameters<typeof sampleMessage>[2] = {},
  chunks: readonly Uint8Array[] = [CONTENT],
): Promise<Submitted> {
  const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  const message = sampleMessage(spool.newId(), at, { size, ...change })
  const draft = spool.begin()
  for (const chunk of chunks) await draft.write(chunk)
  const recipients = await draft.commit(message, SIGNATURE, sampleReceived(message))
  const [recipient] = recipients
  if (!recipient) throw new Error('nobody to send to')
  return { message, recipients, recipient }
}

/** The content as it would go over the wire, without the signature. */
export async function bodyOf(found: FoundContent | undefined): Promise<Buffer | null> {
  if (found?.kind !== 'readable') return null
  await using content = found
  if (content.body instanceof Uint8Array) return Buffer.from(content.body)
  const chunks: Uint8Array[] = []
  for await (const chunk of content.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export interface ReadEvent {
  readonly event: Event
  /** The position just after it. */
  readonly cursor: Cursor
}

/** The next `count` events. */
export async function readSome(
  feed: EventFeed,
  start: FeedStart,
  count: number,
): Promise<readonly ReadEvent[]> {
  const read: ReadEvent[] = []
  if (count === 0) return read
  for await (const batch of feed.read(start, new AbortController().signal))
    for (const fed of batch.events) {
      read.push({ event: fed.event, cursor: cursorAfter(batch, fed) })
      if (read.length === count) return read
    }
  return read
}

/** Ids of the messages that recipients belong to. */
export function idsOf(recipients: readonly WaitingRecipient[]): readonly string[] {
  return recipients.map(({ message }) => message.id)
}

/** All events that are synced when this is called. */
export async function eventsSoFar({
  spool,
  feed,
  clock,
}: Pick<SpoolRig, 'spool' | 'feed' | 'clock'>): Promise<readonly Event[]> {
  const events: Event[] = []
  const text = 'Here the test reads up to.'
  const at = timestampOf(clock.now())
  await spool.append([{ type: 'node.tested', at, node: 'test', tenant: null, text }])
  const reading = feed.read('oldest', new AbortController().signal)
  clock.advance(ms(SYNC_MS))
  for await (const batch of reading)
    for (const { event } of batch.events) {
      if (event.type === 'node.tested') return events
      events.push(event)
    }
  return events
}
