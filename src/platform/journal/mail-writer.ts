// SPDX-License-Identifier: Apache-2.0
/**
 * Group commit of mail. A group is what came while the last one was synced; nobody waits for a timer:
 *
 *   mail records ──write──▶ received events in line ──▶ both families synced in parallel ──▶ all of the group is durable
 *
 * A group whose write or sync fails is refused as a whole, and nothing of it may come back: its events are taken back, and
 * no reader sees them before; `mend` cuts it off the disk, and the index stays before it until then.
 */

import type { RelayError } from '../../base/errors.ts'
import { Ring } from '../../base/ring.ts'
import type { EventWriter } from './event-writer.ts'
import { isNoRoom } from './file-writes.ts'
import type { Lane } from './lane.ts'
import { full, type Space } from './space.ts'
import type { SyncPace } from './sync-pace.ts'
import { nextTurn } from './turns.ts'

/** One mail record on its way: the calls come in this order, and end with one of the last two. */
export interface MailItem {
  /** About what it takes of a group. */
  readonly octets: number
  /** Of its record, once it is staged. */
  readonly lsn: number
  /** Puts its record into the lane. Returns `false` where it has none any more. */
  stage(lane: Lane): boolean
  /** It is written; the group began at `offset` of `segment`. The event that belongs to it goes in line now. */
  written(segment: number, offset: number, events: EventWriter): void
  durable(): void
  failed(failure: RelayError): void
}

export interface MailWriterOptions {
  readonly lane: Lane
  readonly events: EventWriter
  readonly space: Space
  readonly pace: SyncPace
  readonly groupOctets: number
  /** Takes back `received` events of mail with these LSNs. */
  readonly takeBack: (mailLsns: ReadonlySet<number>) => Promise<void>
  /** Events of a group may be read now, or are gone. */
  readonly onDurable: () => void
}

export class MailWriter {
  readonly #options: MailWriterOptions
  readonly #waiting = new Ring<MailItem>()
  #waitingOctets = 0
  #loop: Promise<void> | null = null
  /** The first LSN of the group that is not durable yet, or of the first that failed. */
  #groupLsn = Number.POSITIVE_INFINITY
  /** The first LSN of a group whose events may have to be taken back. */
  #hiddenLsn = Number.POSITIVE_INFINITY
  /** LSNs of mail that was refused after its events were in line. */
  readonly #refused = new Set<number>()

  constructor(options: MailWriterOptions) {
    this.#options = options
  }

  /** Octets that wait for their group. */
  get waitingOctets(): number {
    return this.#waitingOctets
  }

  /** The first LSN that is not durable and known to everybody. */
  get firstPending(): number {
    return Math.min(this.#groupLsn, this.#options.lane.firstUnsynced)
  }

  /** From here on no reader sees an event. */
  get firstHidden(): number {
    return this.#hiddenLsn
  }

  submit(item: MailItem): void {
    this.#waiting.push(item)
    this.#waitingOctets += item.octets
    this.#loop ??= this.#run()
  }

  /** When nothing waits any more. */
  async idle(): Promise<void> {
    await this.#loop
  }

  async #run(): Promise<void> {
    await nextTurn()
    while (this.#waiting.size > 0) {
      const group = this.#nextGroup()
      const refusal = this.#refusal
      if (refusal !== null) {
        for (const item of group) item.failed(refusal)
        continue
      }
      try {
        await this.#commit(group)
        for (const item of group) item.durable()
        this.#groupLsn = Number.POSITIVE_INFINITY
        this.#show()
      } catch (thrown) {
        const failure = await this.#failureOf(thrown)
        for (const item of group) item.failed(failure)
        // Where events cannot be written either, `mend` does it.
        await this.#takeBack().catch(() => undefined)
      }
    }
    this.#loop = null
  }

  /** Makes the lane whole after a failure. Rejects where the disk still fails. */
  async mend(): Promise<void> {
    await this.idle()
    await this.#options.lane.mend()
    await this.#takeBack()
    this.#groupLsn = Number.POSITIVE_INFINITY
  }

  async #takeBack(): Promise<void> {
    const { events, takeBack } = this.#options
    if (this.#refused.size > 0) {
      await events.synced()
      await takeBack(this.#refused)
      this.#refused.clear()
    }
    this.#show()
  }

  #show(): void {
    this.#hiddenLsn = Number.POSITIVE_INFINITY
    this.#options.onDurable()
  }

  /** A full disk is tried; one that fails is not until it is mended. */
  get #refusal(): RelayError | null {
    const { space } = this.#options
    return space.closed ?? (space.isFailing ? space.refusal : null)
  }

  #nextGroup(): MailItem[] {
    const group: MailItem[] = []
    let octets = 0
    for (let item = this.#waiting.peek(); item; item = this.#waiting.peek()) {
      if (group.length > 0 && octets + item.octets > this.#options.groupOctets) break
      this.#waiting.shift()
      octets += item.octets
      group.push(item)
    }
    this.#waitingOctets -= octets
    return group
  }

  async #commit(group: MailItem[]): Promise<void> {
    const { lane, events, pace } = this.#options
    const staged = group.filter((item) => item.stage(lane))
    if (staged.length === 0) return
    this.#groupLsn = lane.firstUnsynced
    this.#hiddenLsn = this.#groupLsn
    const place = await lane.flush()
    for (const item of staged) item.written(place.segment, place.offset, events)
    const synced = pace.measure(() => lane.sync())
    try {
      await Promise.all([synced, events.secured()])
    } catch (thrown) {
      for (const { lsn } of staged) this.#refused.add(lsn)
      throw thrown
    }
  }

  /** A full disk costs the group and nothing else; after every other failure the lane has to be mended. */
  async #failureOf(thrown: unknown): Promise<RelayError> {
    const { lane, space } = this.#options
    if (!isNoRoom(thrown)) return this.#giveUp(thrown)
    space.noRoom()
    try {
      await lane.discard()
      this.#groupLsn = Number.POSITIVE_INFINITY
      return full('a write found no space left')
    } catch (second) {
      return this.#giveUp(second)
    }
  }

  #giveUp(thrown: unknown): RelayError {
    const { lane, space } = this.#options
    lane.abandon(thrown)
    return space.fail(thrown)
  }
}
