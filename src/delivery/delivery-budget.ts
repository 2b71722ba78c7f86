// SPDX-License-Identifier: Apache-2.0
/**
 * What the whole process may have open and in memory: connections to receivers, and recipients in windows. A site that
 * finds nothing left is asked to look again when something is given back; a connection that idles is closed for one
 * that has work.
 */
import { queueLimits } from '../base/limits.ts'

/** A site that found the budget spent. */
export interface Wanting {
  pump(): void
}

/** A connection that waits for work. */
export interface Idling {
  giveUp(): void
}

export class DeliveryBudget {
  #connections = 0
  #dialing = 0
  #windowed = 0
  /** In the order in which they asked. */
  readonly #wanting = new Set<Wanting>()
  readonly #idling = new Set<Idling>()

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

  /** Recipients that all windows together still have room for. */
  get room(): number {
    return Math.max(0, queueLimits.windowTotal - this.#windowed)
  }

  /** Whether `site` may open a connection, of `most` in all. If not, it is asked again when one has closed. */
  openConnection(site: Wanting, most: number): boolean {
    if (this.#connections < most) {
      this.#connections++
      this.#dialing++
      return true
    }
    this.#wanting.add(site)
    const [oldest] = this.#idling
    oldest?.giveUp()
    return false
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

  /** `site` has mail in the index and no room for it. */
  awaitRoom(site: Wanting): void {
    this.#wanting.add(site)
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
