// SPDX-License-Identifier: Apache-2.0
/** What the relay's own event log says of every recipient, from its first event on. */
import type { ControlClient } from '../../src/api/control-client.ts'
import { seconds } from '../../src/base/brand.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { Event } from '../../src/events/event.ts'
import { numberOf, RECEIPTS } from './letter.ts'

/** With everybody settled, so long without an event is the end of the log; with somebody left, it is a standstill. */
const LOG_END = seconds(1)
const STANDSTILL = seconds(20)
const POLL = seconds(0.1)

export class EventAccount {
  /** Recipients that the relay says it has taken. */
  readonly received = new Set<string>()
  /** Types of final events, by recipient; each should have one. */
  readonly finals = new Map<string, string[]>()
  readonly deferred = new Set<string>()
  /** Failed, and the sender is to be told. */
  readonly reportable = new Set<string>()
  /** Taken, and not final yet. */
  readonly waiting: Set<string>
  #lastAt = 0

  constructor(accepted: ReadonlySet<string>) {
    this.waiting = new Set(accepted)
  }

  /** Reads until everybody is settled and nothing more comes, or nothing comes though somebody waits. */
  async follow(control: ControlClient, clock: Clock): Promise<void> {
    const end = new AbortController()
    this.#lastAt = clock.monotonic()
    const reading = this.#read(control, clock, end.signal)
    while (clock.monotonic() - this.#lastAt < (this.waiting.size === 0 ? LOG_END : STANDSTILL))
      await clock.sleep(POLL)
    end.abort()
    await reading
  }

  async #read(control: ControlClient, clock: Clock, signal: AbortSignal): Promise<void> {
    try {
      for await (const line of control.lines('/v1/tail?from=oldest', signal)) {
        this.#lastAt = clock.monotonic()
        this.#apply(JSON.parse(line))
      }
    } catch (thrown) {
      // That is how a stream ends that was aborted.
      if (!signal.aborted) throw thrown
    }
  }

  #apply(event: Event): void {
    switch (event.type) {
      case 'message.received':
        for (const recipient of event.recipients) this.#receive(recipient)
        break
      case 'message.deferred':
        this.deferred.add(event.recipient)
        break
      case 'message.delivered':
      case 'message.bounced':
      case 'message.expired':
      case 'message.suppressed':
        this.#finish(event.recipient, event.type)
        if (event.type !== 'message.delivered' && event.stream === RECEIPTS)
          this.reportable.add(event.recipient)
        break
      default:
    }
  }

  /** Reports to the sender are left out: their addresses are not unique. */
  #receive(recipient: string): void {
    if (Number.isNaN(numberOf(recipient))) return
    this.received.add(recipient)
    if (!this.finals.has(recipient)) this.waiting.add(recipient)
  }

  #finish(recipient: string, type: string): void {
    if (Number.isNaN(numberOf(recipient))) return
    this.finals.set(recipient, [...(this.finals.get(recipient) ?? []), type])
    this.waiting.delete(recipient)
  }
}
