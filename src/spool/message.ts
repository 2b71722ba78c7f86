// SPDX-License-Identifier: Apache-2.0
/** One spool entry: content plus envelope, one id. */

import { type Brand, type Instant, instant } from '../base/brand.ts'
import type { Speaker } from '../events/event.ts'
import type { HeldBy } from '../events/hold-events.ts'
import type { MessageId } from '../events/ids.ts'
import { wantsReport } from '../protocol/dsn/report-facts.ts'
import type { Envelope } from '../protocol/envelope.ts'
import type { Domain } from '../protocol/mailbox.ts'
import type { Reply } from '../protocol/reply.ts'
import { leadOf } from './band.ts'
import type { FoundContent } from './content.ts'

export interface Message {
  readonly id: MessageId
  readonly receivedAt: Instant
  readonly expiresAt: Instant
  readonly tenant: string
  readonly stream: string
  readonly campaign: string | null
  /** What its submitter wants to find it by; most have none, and then it costs nothing. */
  readonly labels?: Labels
  /** Of its List-Id field (RFC 2919), in lower case; bulk has one, most other mail none. */
  readonly list?: string
  /** All of its recipients wait for somebody's decision; most mail has none. */
  readonly hold?: Hold
  /** By which it was handed in; our own mail and that of trusted networks has none. */
  readonly credential?: string
  /** It goes to nobody: see `sandbox.ts`. */
  readonly sandbox?: true
  /** A digit for each recipient, see `band.ts`; only there while a source is being warmed up. */
  readonly bands?: string
  readonly envelope: Envelope
  /** Where our return paths live; `null` keeps the submitter's reverse-path (our own DSNs). */
  readonly returnPathDomain: Domain | null
  /** Several recipients may share a transaction (transactional streams that allow it). */
  readonly mayShareTransaction: boolean
  /** Whether DSNs are written to the reverse-path, and when of delay; `null`: none are. From the stream, so that they outlive it. */
  readonly reports: MessageReports | null
  /** 0 is sent first. From the stream, and from the submitter's own priority (RFC 6710). */
  readonly priority: number
  /** The message that this one repeats after a final failure. */
  readonly retryOf: MessageId | null
  /** Octets of content as they will be sent, CRLF line ends, without the DKIM fields. */
  readonly size: number
}

/** Why a message was held when it came in. Whoever of its recipients was released since is not held any more; see README.md. */
export interface Hold {
  /** What held it. */
  readonly by: HeldBy
  /** In a sentence, for whoever decides. */
  readonly why: string
  /** Whoever nobody has decided about by then expires. */
  readonly until: Instant
}

/** The due time of a recipient that is held until a person decides: the last millisecond that a timestamp with four digits of year can say. */
export const NO_END = instant(253_402_300_799_999)

/** A hold as it is listed. `until`: when it expires; `null`: never. */
export type CurrentHold = Pick<Hold, 'by' | 'why'> & { readonly until: Instant | null }

/** Why a held recipient is held: damage found since, or what held its message at acceptance. `null`: its message was never held. */
export function holdOf({ message, dueAt, lastAttempt }: WaitingRecipient): CurrentHold | null {
  if (dueAt < NO_END) return message.hold ?? null
  return { by: 'damage', why: lastAttempt?.reply.text ?? UNNAMED_DAMAGE, until: null }
}

const UNNAMED_DAMAGE = 'Its record in the spool could not be read.'

/** Bounds: `labelLimits`. */
export interface Labels {
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * When a recipient may be tried first: at once, unless its submitter wants it later (RFC 4865). Of what is held: the end of that. Who is
 * gladder of it than others was due a while ago.
 */
export function firstDueAt(message: Message, index: number): Instant {
  const { envelope, hold, receivedAt } = message
  if (hold) return instant(Math.round(hold.until))
  if (envelope.release) return instant(Math.round(envelope.release.at))
  return instant(Math.round(receivedAt - leadOf(message, index)))
}

/** `now`, or the message's release where that is later. */
export function notBeforeRelease({ envelope }: Message, now: Instant): Instant {
  const { release } = envelope
  return release !== undefined && release.at > now ? release.at : now
}

export interface MessageReports {
  /** Whoever waits then is reported as delayed, once; `null`: nobody is. */
  readonly delayAt: Instant | null
}

/** Where the spool keeps a message. Opaque to everyone else. */
export type SpoolAddress = Brand<object, 'SpoolAddress'>

/**
 * A recipient that waits, in the hands of whoever took it. `attempts` counts those made; `dueAt` is when it
 * may go. See README.md for its life.
 */
export interface WaitingRecipient {
  readonly message: Message
  readonly address: SpoolAddress
  /** Into `message.envelope.recipients`, from 0. */
  readonly index: number
  readonly attempts: number
  readonly dueAt: Instant
  readonly lastAttempt: LastAttempt | null
}

/** The last attempt that was put off: for DSNs and for people. */
export interface LastAttempt {
  readonly at: Instant
  /** `mx1.example.net[192.0.2.1]:25`; `null` where no host was reached. */
  readonly mx: string | null
  readonly reply: Reply
  readonly said: Speaker
}

/** When the submitter is owed a word about a recipient who still waits; `null`: never. */
export function delayReportAt(message: Message, index: number): Instant | null {
  const at = message.reports?.delayAt ?? null
  const recipient = message.envelope.recipients[index]
  return at !== null && recipient && wantsReport(message.envelope, recipient, 'DELAY')
    ? instant(Math.round(at))
    : null
}

/** A message as it is still on the disk, whoever of its recipients is final. */
export interface KeptMessage {
  readonly message: Message
  readonly content: () => Promise<FoundContent>
}
