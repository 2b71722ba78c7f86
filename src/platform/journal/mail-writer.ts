// SPDX-License-Identifier: Apache-2.0
/**
 * Group commit of mail. A group is what came while the last one was synced; nobody waits for a timer:
 *
 *   mail records ──write──▶ received events in line ──▶ both families synced in parallel ──▶ all of the group is durable
 */

import type { RelayError } from '../../base/errors.ts'
import { Ring } from '../../base/ring.ts'
import type { EventWriter } from './event-writer.ts'
import type { Lane } from './lane.ts'
import { full, isNoRoom, type Space } from './space.ts'
import { nextTurn } from './turns.ts'

/** One mail record on its way: the calls come in this order, and end with one of the last two. */
export interface MailItem {
  /** About what it takes of a group. */
  readonly octets: number
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
  readonly groupOctets: number
}

export class MailWriter {
  readonly #options: MailWriterOptions
  readonly #waiting = new Ring<MailItem>()
  #waitingOctets = 0
  #loop: Promise<void> | null = null
  /** The first LSN of the group that is not durable yet. */
  #groupLsn = Number.POSITIVE_INFINITY

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
      try {
        await this.#commit(group)
        for (const item of group) item.durable()
      } catch (thrown) {
        const failure = await this.#failureOf(thrown)
        for (const item of group) item.failed(failure)
      }
      this.#groupLsn = Number.POSITIVE_INFINITY
    }
    this.#loop = null
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
    const { lane, events, space } = this.#options
    if (space.failure) throw space.failure
    const staged = group.filter((item) => item.stage(lane))
    if (staged.length === 0) return
    this.#groupLsn = lane.firstUnsynced
    const place = await lane.flush()
    for (const item of staged) item.written(place.segment, place.offset, events)
    await Promise.all([lane.sync(), events.secured()])
  }

  /** A full disk costs the group and nothing else; every other failure is final. */
  async #failureOf(thrown: unknown): Promise<RelayError> {
    const { lane, space } = this.#options
    if (!isNoRoom(thrown)) return space.fail(thrown)
    space.noRoom()
    try {
      await lane.discard()
      return full('a write found no space left')
    } catch (second) {
      return space.fail(second)
    }
  }
}
