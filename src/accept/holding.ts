// SPDX-License-Identifier: Apache-2.0
/** Mail that is taken and not sent before somebody has decided: why, until when, and where its recipients go. */
import { type DurationMs, type Instant, plus } from '../base/brand.ts'
import type { Lifecycle } from '../base/lifecycle.ts'
import { timestampOf, type Unwritten } from '../events/event.ts'
import type { HeldEvent } from '../events/hold-events.ts'
import type { Stream } from '../records/records.ts'
import type { EventLog } from '../spool/event-log.ts'
import type { Hold, Message, WaitingRecipient } from '../spool/message.ts'
import type { Spool } from '../spool/spool.ts'
import { type Departure, departureInWords } from './departure.ts'
import type { Warning } from './gate/gate.ts'
import { gateReply } from './gate/gate-texts.ts'
import type { Over } from './quotas/quota-counters.ts'
import { overInWords } from './quotas/quota-texts.ts'

/** What speaks against sending a message at once. */
export interface Doubts {
  readonly warning: Warning | null
  readonly over: Over | null
  readonly departure: Departure | null
  readonly stream: Stream
  /** When it would have gone. */
  readonly from: Instant
}

export interface HoldingContext {
  readonly node: string
  readonly lifecycle: Lifecycle
  readonly spool: Spool
  readonly events: EventLog
  /** How long mail is held before it expires. */
  readonly holdFor: () => DurationMs
  /** Takes over the recipients of an accepted message. */
  readonly enqueue: (recipients: readonly WaitingRecipient[]) => void
}

/** `null`: it goes out, as nearly all does. */
export function holdOf(
  { warning, over, departure, stream, from }: Doubts,
  expiresAfter: DurationMs,
): Hold | null {
  const until = plus(from, expiresAfter)
  if (warning !== null && stream.gate === 'hold')
    return { by: 'gate', why: gateReply(warning.failed, warning.domain).text, until }
  // Who only wants to be warned is, by an event.
  if (departure !== null && stream.gate !== 'off' && stream.gate !== 'warn')
    return { by: 'credential', why: departureInWords(departure), until }
  return over === null ? null : { by: 'quota', why: overInWords(over), until }
}

/** Hands on what was accepted: to delivery, or to wait for a decision. */
export function sendOrHold(
  { enqueue, events, lifecycle, node, spool }: HoldingContext,
  message: Message,
  recipients: readonly WaitingRecipient[],
): void {
  const { hold } = message
  if (hold === undefined) {
    enqueue(recipients)
    return
  }
  spool.giveBack(recipients)
  lifecycle.background('record of a hold', () => events.append([heldEvent(message, hold, node)]))
}

function heldEvent(message: Message, hold: Hold, node: string): Unwritten<HeldEvent> {
  return {
    type: 'message.held',
    at: timestampOf(message.receivedAt),
    node,
    tenant: message.tenant,
    stream: message.stream,
    campaign: message.campaign,
    messageId: message.id,
    by: hold.by,
    why: hold.why,
    until: timestampOf(hold.until),
    ...(message.sandbox && { sandbox: true }),
  }
}
