// SPDX-License-Identifier: Apache-2.0
/**
 * Applies records to the index: mail first, then events. An outcome finds its recipient by the LSN of the mail, so
 * the order of the two families does not matter; every change may be made again. A moved record has the state that the
 * last outcome before it led to: who replays that outcome again, from what is kept, arrives at the same.
 */

import { unreachable } from '../../base/invariant.ts'
import type { Event } from '../../events/event.ts'
import type { JournalId } from '../../events/ids.ts'
import { delayReportAt, firstDueAt, type Message } from '../../spool/message.ts'
import { queueOf } from '../../spool/queue-name.ts'
import { attemptOf, damageOf, type Effect, readEffect, readEvent } from './event-record.ts'
import type { IndexWriter } from './index-writer.ts'
import type { KeepFailed } from './keep-failed.ts'
import { CONTENT_HAS_FILE, type MovedState, readFacts } from './mail-record.ts'
import type { ScannedRecord } from './record-scan.ts'
import { HELD, rowNumber, type SpooledState, shareOf } from './row.ts'

export class Replay {
  readonly #index: IndexWriter
  readonly #journal: JournalId
  readonly #keepFailed: KeepFailed

  constructor(index: IndexWriter, journal: JournalId, keepFailed: KeepFailed) {
    this.#index = index
    this.#journal = journal
    this.#keepFailed = keepFailed
  }

  /** Returns the message, or `null` where the record's facts make no sense. */
  mail(record: ScannedRecord, segment: number): Message | null {
    const facts = readFacts(record.payload)
    if (facts === null) return null
    if (facts.moved) this.#moved(record, segment, facts.message, facts.moved)
    else this.#accepted(record, segment, facts.message)
    const mailLsn = facts.moved?.lsn ?? record.lsn
    if (record.flags & CONTENT_HAS_FILE) this.#index.addFile(facts.message.id, mailLsn)
    return facts.message
  }

  outcome(record: ScannedRecord): void {
    const effect = readEffect(record.payload)
    switch (effect.kind) {
      case 'none':
        break
      case 'deferred':
        this.#deferred(record, effect)
        break
      case 'delayed':
        this.#index.told(rowNumber(effect.mailLsn, effect.index))
        break
      case 'released':
        this.#released(record, effect)
        break
      case 'damaged':
        this.#damaged(record, effect)
        break
      case 'delivered':
      case 'bounced':
      case 'expired':
      case 'suppressed':
      case 'cancelled':
        this.#final(record, effect)
        break
      default:
        unreachable(effect.kind)
    }
  }

  #accepted(record: ScannedRecord, segment: number, message: Message): void {
    for (let index = 0; index < message.envelope.recipients.length; index++)
      this.#add(record, segment, message, record.lsn, {
        index,
        attempts: 0,
        dueAt: firstDueAt(message, index),
        delayAt: delayReportAt(message, index),
        lastAttempt: null,
        ...(message.hold && { isHeld: true }),
      })
  }

  #moved(record: ScannedRecord, segment: number, message: Message, moved: MovedState): void {
    this.#index.move(moved.lsn, segment, record.offset)
    for (const state of moved.recipients) this.#add(record, segment, message, moved.lsn, state)
  }

  #add(
    record: ScannedRecord,
    segment: number,
    message: Message,
    mailLsn: number,
    state: SpooledState,
  ): void {
    const { isHeld = false, ...rest } = state
    this.#index.add(queueOf(message, state.index), {
      ...rest,
      number: rowNumber(mailLsn, state.index),
      priority: isHeld ? HELD : message.priority,
      expiresAt: Math.round(message.expiresAt),
      segment,
      offset: record.offset,
      octets: shareOf(record.octets, message.envelope.recipients.length),
    })
  }

  #deferred(record: ScannedRecord, effect: Effect): void {
    const event = readEvent(record.payload, this.#journal, record.lsn)
    this.#index.defer({
      number: rowNumber(effect.mailLsn, effect.index),
      dueAt: effect.dueAt,
      attempts: effect.attempts,
      lastAttempt: event?.type === 'message.deferred' ? attemptOf(event) : null,
    })
  }

  #damaged(record: ScannedRecord, effect: Effect): void {
    const event = readEvent(record.payload, this.#journal, record.lsn)
    const number = rowNumber(effect.mailLsn, effect.index)
    const lastAttempt = event?.type === 'message.damaged' ? damageOf(event) : null
    this.#index.hold(number)
    this.#index.defer({ number, dueAt: effect.dueAt, attempts: effect.attempts, lastAttempt })
  }

  #released(record: ScannedRecord, { mailLsn, index, dueAt }: Effect): void {
    const event = readEvent(record.payload, this.#journal, record.lsn)
    const priority = event?.type === 'message.released' ? event.priority : 0
    this.#index.release(rowNumber(mailLsn, index), priority, dueAt)
  }

  #final(record: ScannedRecord, effect: Effect): void {
    const event = readEvent(record.payload, this.#journal, record.lsn)
    const failed = effect.kind !== 'delivered'
    const keepUntil = failed && event ? Date.parse(event.at) + this.#keptFor(event) : 1
    const segment = this.#index.remove(rowNumber(effect.mailLsn, effect.index))
    if (segment !== null && failed) this.#index.keep(segment, keepUntil)
    this.#index.releaseFile(effect.mailLsn, keepUntil)
  }

  #keptFor(event: Event): number {
    const { stream, tenant } = 'stream' in event ? event : { stream: null, tenant: null }
    return this.#keepFailed(tenant === null || stream === null ? null : { tenant, stream })
  }
}
