// SPDX-License-Identifier: Apache-2.0
/**
 * Brings the index up to the journal: rows for what waits or is in flight, none for what is final, and the position
 * before which the journal need not be read again. Only what is synced counts: what changed while the sync ran stays
 * dirty, and where it has no row yet the position stays before it.
 */
import { type DurationMs, instant } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import type { EventWriter } from './event-writer.ts'
import type { IndexWriter } from './index-writer.ts'
import type { MailWriter } from './mail-writer.ts'
import type { Resident, ResidentRecipient } from './resident.ts'
import type { Residents } from './residents.ts'
import { HELD, rowNumber } from './row.ts'
import type { Space } from './space.ts'
import { isFull } from './sqlite-failure.ts'
import { Turns } from './turns.ts'

export interface CheckpointerOptions {
  readonly residents: Residents
  readonly index: IndexWriter
  readonly events: EventWriter
  readonly mail: MailWriter
  readonly space: Space
  readonly clock: Clock
  /** The last LSN on the disk: an index that is ahead of the journal would be made anew. */
  readonly lastLsn: () => number
  readonly position: number
  readonly every: DurationMs
  readonly dirtyRecipients: number
}

export class Checkpointer {
  readonly #options: CheckpointerOptions
  readonly #turns = new Turns(() => this.#run())
  #position: number
  #timer: Timer | null = null
  /** What happened to segments and content files since the last checkpoint. */
  #keeps = new Map<number, number>()
  #files: (readonly [string, number])[] = []
  #releases = new Map<number, number>()

  constructor(options: CheckpointerOptions) {
    this.#options = options
    this.#position = options.position
  }

  /** The LSN that the index is complete to. */
  get position(): number {
    return this.#position
  }

  start(): void {
    this.#timer = this.#options.clock.after(this.#options.every, () => void this.#tick())
  }

  /** Resolves when the index knows all that is known now. */
  run(): Promise<void> {
    return this.#turns.run()
  }

  /** Like `run`, but where the disk does not let it, nothing is lost: the journal is what counts. Returns whether it did. */
  async attempt(): Promise<boolean> {
    try {
      await this.run()
      return true
    } catch (thrown) {
      const { space } = this.#options
      // The events are held back, of which the space knows; else it is SQLite that cannot write.
      if (isFull(thrown)) space.noRoom()
      else if (!(thrown instanceof RelayError)) space.fail(thrown)
      return false
    }
  }

  /** To be called after changes: bounds what memory holds for the next checkpoint. */
  changed(): void {
    if (this.#options.residents.dirty.size < this.#options.dirtyRecipients) return
    if (!this.#turns.isRunning) void this.attempt()
  }

  /** A recipient failed for good: the content stays until then. */
  failed(resident: Resident, until: number): void {
    resident.keepUntil = instant(Math.max(resident.keepUntil, until))
    this.#keeps.set(resident.segment, Math.max(this.#keeps.get(resident.segment) ?? 0, until))
  }

  /** A recipient is final; with the last one the content's file may go, after `until`. */
  released(resident: Resident, until: number): void {
    this.#releases.set(resident.lsn, Math.max(this.#releases.get(resident.lsn) ?? 1, until))
  }

  newFile(name: string, mailLsn: number): void {
    this.#files.push([name, mailLsn])
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    await this.#turns.idle()
  }

  async #tick(): Promise<void> {
    await this.attempt()
    if (this.#timer !== null) this.start()
  }

  async #run(): Promise<void> {
    const { residents, index, events, mail, lastLsn } = this.#options
    if (residents.dirty.size === 0 && this.#position === lastLsn()) return
    await events.synced()
    const pending = Math.min(events.firstPending, mail.firstPending)
    const settled: ResidentRecipient[] = []
    let position = Math.min(lastLsn(), pending - 1)
    for (const recipient of residents.dirty)
      if (recipient.changedBy < pending) settled.push(recipient)
      else if (!recipient.hasRow) position = Math.min(position, recipient.message.lsn - 1)
    index.transaction(position, () => {
      for (const recipient of settled) writeRow(index, recipient)
      this.#writeChanges()
    })
    this.#position = position
    this.#forgetChanges()
    residents.checkpointed(settled)
  }

  #writeChanges(): void {
    const { index } = this.#options
    for (const [name, mailLsn] of this.#files) index.addFile(name, mailLsn)
    for (const [segment, until] of this.#keeps) index.keep(segment, until)
    for (const [mailLsn, until] of this.#releases) index.releaseFile(mailLsn, until)
  }

  #forgetChanges(): void {
    this.#files = []
    this.#keeps = new Map()
    this.#releases = new Map()
  }
}

function writeRow(index: IndexWriter, recipient: ResidentRecipient): void {
  const { message, kind, hasRow, hold, attempts, dueAt, delayAt, lastAttempt } = recipient
  const priority = hold === 'held' ? HELD : (message.message?.priority ?? 0)
  const number = rowNumber(message.lsn, recipient.index)
  if (kind === 'final') {
    if (hasRow) index.remove(number)
  } else if (hasRow) {
    if (hold === 'released') index.release(number, priority, dueAt)
    if (hold === 'held') index.hold(number)
    index.change({ number, dueAt, attempts, delayAt, lastAttempt })
  } else
    index.add(recipient.queue.name, {
      number,
      priority,
      dueAt,
      expiresAt: Math.round(message.message?.expiresAt ?? 0),
      attempts,
      segment: message.segment,
      offset: message.offset,
      octets: message.share,
      delayAt,
      lastAttempt,
    })
}
