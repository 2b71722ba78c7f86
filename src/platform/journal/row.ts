// SPDX-License-Identifier: Apache-2.0
/** What the index knows of a recipient that is not final, and how it is named there. */
import type { LastAttempt } from '../../spool/message.ts'

/** The part that changes with outcomes; a moved record keeps it. */
export interface SpooledState {
  readonly index: number
  readonly attempts: number
  readonly dueAt: number
  /** When its submitter is to be told that it waits; `null`: never, or done. */
  readonly delayAt: number | null
  readonly lastAttempt: LastAttempt | null
  /** Only there where it is so. */
  readonly isHeld?: true
}

/** A recipient's row, with what its message's row says. Its number orders recipients by reception. */
export interface Row {
  readonly number: number
  readonly priority: number
  readonly dueAt: number
  readonly expiresAt: number
  readonly attempts: number
  /** Where the mail record is: first LSN of its segment, and the offset there; 0 and 0 where the index has lost its message. */
  readonly segment: number
  readonly offset: number
  /** The recipient's share of the record, so that a segment knows how much of it lives. */
  readonly octets: number
  readonly delayAt: number | null
  readonly lastAttempt: LastAttempt | null
}

/** More than any listener may be told to take. 2^39 LSNs are nearly nine years of 2,000 records a second. */
export const RECIPIENTS_PER_LSN = 16_384

export function rowNumber(mailLsn: number, index: number): number {
  return mailLsn * RECIPIENTS_PER_LSN + index
}

export function lsnOfRow(number: number): number {
  return Math.floor(number / RECIPIENTS_PER_LSN)
}

export function indexOfRow(number: number): number {
  return number % RECIPIENTS_PER_LSN
}

/** Each recipient's part of a record's octets. */
export function shareOf(recordOctets: number, recipients: number): number {
  return Math.ceil(recordOctets / recipients)
}

/** RFC 6710 and streams need ten. */
export const PRIORITIES = 16
/** In place of a priority: who is held waits in a lane of its queue that nothing is sent from. */
export const HELD = PRIORITIES - 1

/** A queue's recipients of one priority. */
export function laneOf(queueId: number, priority: number): number {
  return queueId * PRIORITIES + Math.min(PRIORITIES - 1, Math.max(0, Math.round(priority)))
}

export function queueOfLane(lane: number): number {
  return Math.floor(lane / PRIORITIES)
}

/** As the index keeps it: the names of the fields would be as long as what they say. */
export function attemptText(attempt: LastAttempt | null): string | null {
  if (attempt === null) return null
  const { at, mx, said, reply } = attempt
  return JSON.stringify([at, mx, said, reply.code, reply.enhanced, reply.text])
}

export function attemptIn(text: string): LastAttempt {
  const [at, mx, said, code, enhanced, words] = JSON.parse(text)
  return { at, mx, said, reply: { code, enhanced, text: words } }
}
