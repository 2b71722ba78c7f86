// SPDX-License-Identifier: Apache-2.0
/**
 * What the whole process may have open and in memory: connections to receivers, recipients in windows, and content on the way
 * out. A site that
 * finds nothing left is asked to look again when something is given back; a connection that idles is closed for one
 * that has work.
 */
import { clientLimits, queueLimits } from '../base/limits/limits.ts'
import { memoryLimits } from '../base/limits/process-limits.ts'

/** A site that found the budget spent. */
export interface Wanting {
  pump(): void
}

/** A connection that waits for work. */
export interface Idling {
  giveUp(): void
}

export class DeliveryBudget {
  readonly #windowTotal: number
  readonly #isMemoryFull: () => boolean
  readonly #contentTotal: number
  readonly #connectionTotal: number
  #connections = 0
  #dialing = 0
  #windowed = 0
  /** Somebody found no room though windows have some. */
  #isMemoryWanting = false
  /** In the order in which they asked. */
  readonly #wanting = new Set<Wanting>()
  readonly #idling = new Set<Idling>()
  #contentOctets = 0
  readonly #awaitingContent: { readonly octets: number; readonly enter: () => void }[] = []

  /**
   * `windowTotal`: recipients that all windows together have room for; `contentTotal`: octets that all connections have;
   * `isMemoryFull`: whatever windows have room for, what comes with mail in hand is too much.
   */
  constructor(
    windowTotal: number = queueLimits.windowTotal,
    contentTotal: number = memoryLimits.outgoingOctets,
    connectionTotal: number = Number.POSITIVE_INFINITY,
    isMemoryFull: () => boolean = () => false,
  ) {
    this.#isMemoryFull = isMemoryFull
    this.#connectionTotal = connectionTotal
    this.#windowTotal = windowTotal
    this.#contentTotal = contentTotal
  }

  get connections(): number {
    return this.#connections
  }

  /** Those of them that are not through with connecting. */
  get dialing(): number {
    return this.#dialing
  }

  /** Recipients in all windows. */
  get windowed(): number {
    return this.#windowed
  }

  /** Recipients that all windows together still have room for. One fill of a window may go over it by the envelopes that it reads. */
  get room(): number {
    if (this.#isMemoryFull()) {
      this.#isMemoryWanting = true
      return 0
    }
    return Math.max(0, this.#windowTotal - this.#windowed)
  }

  /** Whether `site` may open a connection, of `most` in all. If not, it is asked again when one has closed. */
  openConnection(site: Wanting, most: number): boolean {
    if (!this.hasConnection(most)) {
      this.awaitConnection(site)
      return false
    }
    this.#connections++
    this.#dialing++
    return true
  }

  /** Whether there is one more, of `most` in all. */
  hasConnection(most: number): boolean {
    return this.#connections < Math.min(most, this.#connectionTotal)
  }

  /** `site` has work for one, and is asked again when one has closed. */
  awaitConnection(site: Wanting): void {
    this.#wanting.add(site)
    const [oldest] = this.#idling
    oldest?.giveUp()
  }

  /** Connecting has ended, well or not. */
  dialed(): void {
    this.#dialing--
  }

  connectionClosed(): void {
    this.#connections--
    this.#wake()
  }

  enterWindow(recipients: number): void {
    this.#windowed += recipients
  }

  leaveWindow(recipients: number): void {
    this.#windowed -= recipients
    if (recipients > 0 && this.#wanting.size > 0) this.#wake()
  }

  /** Recipients have their outcome, and perhaps their messages are in hand no more. */
  settled(): void {
    if (!this.#isMemoryWanting || this.room === 0) return
    this.#isMemoryWanting = false
    this.#wake()
  }

  /** `site` has mail in the index and no room for it. */
  awaitRoom(site: Wanting): void {
    this.#wanting.add(site)
  }

  /**
   * Content of a message of `size` is about to be read for a connection; `leaveContent` gives back what it takes. Where there
   * is no room, it is to wait for the promise: the receivers that took their time have to go on first.
   */
  enterContent(size: number): Promise<void> | undefined {
    const octets = contentOctets(size)
    if (this.#awaitingContent.length === 0 && this.#hasRoomFor(octets)) {
      this.#contentOctets += octets
      return undefined
    }
    return new Promise((enter) => this.#awaitingContent.push({ octets, enter }))
  }

  leaveContent(size: number): void {
    this.#contentOctets -= contentOctets(size)
    for (let next = this.#awaitingContent[0]; next; next = this.#awaitingContent[0]) {
      if (!this.#hasRoomFor(next.octets)) return
      this.#awaitingContent.shift()
      this.#contentOctets += next.octets
      next.enter()
    }
  }

  #hasRoomFor(octets: number): boolean {
    return this.#contentOctets === 0 || this.#contentOctets + octets <= this.#contentTotal
  }

  /** `connection` may be closed for another. */
  idle(connection: Idling): void {
    this.#idling.add(connection)
  }

  busy(connection: Idling): void {
    this.#idling.delete(connection)
  }

  /** One after the other, until somebody finds nothing left again; who needs nothing any more does not count. */
  #wake(): void {
    // Who wants again stands last, and ends the round.
    for (const site of this.#wanting) {
      this.#wanting.delete(site)
      site.pump()
      if (this.#wanting.has(site)) return
    }
  }
}

/** As it was read, and as it is written; of large content a part at a time. */
function contentOctets(size: number): number {
  return 2 * Math.min(size, clientLimits.contentWriteOctets)
}
