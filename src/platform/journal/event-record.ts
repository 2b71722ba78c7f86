// SPDX-License-Identifier: Apache-2.0
/**
 * The payload of an event record: 24 octets that say what it means for a recipient, so that recovery parses no JSON
 * but a deferral's; the public fields as JSON, LF, the personal fields as JSON (erasure rewrites them alone).
 *
 *   0 LSN of the mail (64 bits; 0: none)   8 due at (double)   16 recipient index   20 attempts (16 bits)   22 outcome
 */
import { instant } from '../../base/brand.ts'
import type { DeferredEvent, Event, OutcomeEvent, Unwritten } from '../../events/event.ts'
import { SCHEMA_VERSION } from '../../events/event-head.ts'
import type { DamagedEvent } from '../../events/hold-events.ts'
import { eventId, type JournalId, type Lsn } from '../../events/ids.ts'
import { reply } from '../../protocol/reply.ts'
import { type LastAttempt, NO_END } from '../../spool/message.ts'
import type { Lane } from './lane.ts'
import { readUInt64, writeUInt64 } from './record.ts'

const PREFIX_OCTETS = 24
const LF = 0x0a

/** Numbers are on disk for ever. */
const effectNumbers = {
  none: 0,
  delivered: 1,
  deferred: 2,
  bounced: 3,
  expired: 4,
  delayed: 5,
  suppressed: 6,
  released: 7,
  cancelled: 8,
  damaged: 9,
} as const
const effectKinds = [
  'none',
  'delivered',
  'deferred',
  'bounced',
  'expired',
  'delayed',
  'suppressed',
  'released',
  'cancelled',
  'damaged',
] as const

export type EffectKind = (typeof effectKinds)[number]

/** What an event does to a recipient. */
export interface Effect {
  readonly kind: EffectKind
  /** Of the record that the message was accepted with; 0 where the event is not about mail that we have. */
  readonly mailLsn: number
  readonly index: number
  /** Attempts made. */
  readonly attempts: number
  /** When the next attempt may begin; 0 unless deferred, released or damaged. */
  readonly dueAt: number
}

export const noEffect: Effect = { kind: 'none', mailLsn: 0, index: 0, attempts: 0, dueAt: 0 }

/** What an outcome does to the recipient of the mail at `mailLsn`, who had `attempts` before. */
export function effectOf(
  outcome: Unwritten<OutcomeEvent>,
  mailLsn: number,
  attempts: number,
): Effect {
  const index = outcome.recipientIndex
  switch (outcome.type) {
    case 'message.delivered':
      return { kind: 'delivered', mailLsn, index, attempts: outcome.attempt, dueAt: 0 }
    case 'message.bounced':
      return { kind: 'bounced', mailLsn, index, attempts: outcome.attempt, dueAt: 0 }
    case 'message.deferred': {
      const dueAt = Date.parse(outcome.nextAttemptAt)
      return { kind: 'deferred', mailLsn, index, attempts: outcome.attempt, dueAt }
    }
    case 'message.expired':
      return { kind: 'expired', mailLsn, index, attempts, dueAt: 0 }
    case 'message.suppressed':
      return { kind: 'suppressed', mailLsn, index, attempts, dueAt: 0 }
    case 'message.delayed':
      return { kind: 'delayed', mailLsn, index, attempts, dueAt: 0 }
    case 'message.released': {
      const dueAt = Date.parse(outcome.nextAttemptAt)
      return { kind: 'released', mailLsn, index, attempts, dueAt }
    }
    case 'message.cancelled':
      return { kind: 'cancelled', mailLsn, index, attempts, dueAt: 0 }
    case 'message.damaged':
      return { kind: 'damaged', mailLsn, index, attempts, dueAt: NO_END }
  }
}

/** What is kept of a deferral beside its effect. */
export function attemptOf(deferred: Unwritten<DeferredEvent>): LastAttempt {
  const { at, mx, reply, said } = deferred
  return { at: instant(Date.parse(at)), mx, reply, said }
}

/** What a person who decides about damaged mail reads. */
export function damageOf({ at, why }: Unwritten<DamagedEvent>): LastAttempt {
  return { at: instant(Date.parse(at)), mx: null, reply: reply(451, '4.3.0', why), said: 'us' }
}

/** Puts the record of an event into the lane. */
export function stageEvent(
  lane: Lane,
  kind: 'event' | 'received' | 'outcome',
  event: Unwritten<Event>,
  effect: Effect,
): Lsn {
  const [open, personal] = splitFields(event)
  const { buffer, at } = lane.reserve(PREFIX_OCTETS + (open.length + personal.length) * 3 + 1)
  writeUInt64(buffer, effect.mailLsn, at)
  buffer.writeDoubleLE(effect.dueAt, at + 8)
  buffer.writeUInt32LE(effect.index, at + 16)
  buffer.writeUInt16LE(Math.min(effect.attempts, 0xffff), at + 20)
  buffer.writeUInt16LE(effectNumbers[effect.kind], at + 22)
  let end = at + PREFIX_OCTETS
  end += buffer.write(open, end)
  buffer[end++] = LF
  end += buffer.write(personal, end)
  return lane.append(kind, 0, end - at)
}

export function readEffect(payload: Buffer): Effect {
  if (payload.length < PREFIX_OCTETS) return noEffect
  return {
    mailLsn: readUInt64(payload, 0),
    dueAt: payload.readDoubleLE(8),
    index: payload.readUInt32LE(16),
    attempts: payload.readUInt16LE(20),
    kind: effectKinds[payload.readUInt16LE(22)] ?? 'none',
  }
}

/** The whole event again. `null` where the payload has none. */
export function readEvent(payload: Buffer, journal: JournalId, number: Lsn): Event | null {
  const end = payload.indexOf(LF, PREFIX_OCTETS)
  if (end < 0) return null
  const open = payload.toString('utf8', PREFIX_OCTETS + 1, end - 1)
  const personal = payload.toString('utf8', end + 1)
  const head = `{"id":"${eventId(journal, number)}","schemaVersion":${SCHEMA_VERSION},${open}`
  // As one text: one object, and not three of which two are thrown away.
  return JSON.parse(personal === '{}' ? `${head}}` : `${head},${personal.slice(1)}`) as Event
}

/** Fields that name a person, or quote what one wrote. */
interface Personal {
  readonly recipient?: unknown
  readonly recipients?: unknown
  readonly reversePath?: unknown
  readonly headerFrom?: unknown
  readonly subject?: unknown
  readonly conversation?: unknown
  readonly peer?: unknown
  readonly diagnosis?: unknown
}

/**
 * Open and personal fields. Written out, and by a copy that has them all, since this runs for every event: a rest without
 * them costs V8 half as much again. JSON leaves out what is undefined.
 */
function splitFields(event: Unwritten<Event> & Personal): readonly [string, string] {
  const { recipient, recipients, reversePath, headerFrom, subject, conversation, peer, diagnosis } =
    event
  const personal = {
    recipient,
    recipients,
    reversePath,
    headerFrom,
    subject,
    conversation,
    peer,
    diagnosis,
  }
  return [JSON.stringify({ ...event, ...nothingPersonal }), JSON.stringify(personal)]
}

const nothingPersonal = {
  recipient: undefined,
  recipients: undefined,
  reversePath: undefined,
  headerFrom: undefined,
  subject: undefined,
  conversation: undefined,
  peer: undefined,
  diagnosis: undefined,
} satisfies Record<keyof Personal, undefined>
