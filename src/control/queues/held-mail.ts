// SPDX-License-Identifier: Apache-2.0
/** Mail that waits for somebody's decision, in the journals of one process: what there is, and what people decide. */
import type { Clock } from '../../base/clock.ts'
import { holdLimits } from '../../base/limits/hold-limits.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { OutcomeRecorder } from '../../delivery/outcome/outcome-recorder.ts'
import { type OutcomeEvent, timestampOf, type Unwritten } from '../../events/event.ts'
import type { HeldBy } from '../../events/hold-events.ts'
import {
  type CurrentHold,
  holdOf,
  type Message,
  notBeforeRelease,
  type WaitingRecipient,
} from '../../spool/message.ts'
import { queueOf } from '../../spool/queue-name.ts'
import { ofRecipient } from '../../spool/recipient-event.ts'
import type { Spool } from '../../spool/spool.ts'

/** What is meant; `null`: any. */
export interface HeldFilter {
  readonly message: string | null
  readonly tenant: string | null
  readonly stream: string | null
  readonly campaign: string | null
  readonly by: HeldBy | null
  readonly credential: string | null
}

export interface HeldMessage {
  readonly messageId: string
  readonly tenant: string
  readonly stream: string
  readonly campaign: string | null
  readonly credential: string | null
  readonly by: HeldBy
  readonly why: string
  readonly receivedAt: string
  /** Then it expires; `null`: it stays until a person decides. */
  readonly until: string | null
  readonly reversePath: string
  /** The first of those who are held still, and how many there are. */
  readonly recipients: readonly string[]
  readonly recipientCount: number
  readonly size: number
}

export type Decision = 'release' | 'cancel'

export interface HeldMailContext {
  readonly node: string
  readonly clock: Clock
  readonly spool: Spool
  readonly dispatcher: Pick<Dispatcher, 'waits'>
  readonly recorder: Pick<OutcomeRecorder, 'record'>
}

export class HeldMail {
  readonly #context: HeldMailContext

  constructor(context: HeldMailContext) {
    this.#context = context
  }

  /** The first `limit` messages by id, which is the order of reception; `after`: the last one that was seen. */
  async list(
    filter: HeldFilter,
    limit: number,
    after: string | null,
  ): Promise<readonly HeldMessage[]> {
    const found = new Map<
      string,
      { message: Message; hold: CurrentHold; recipients: string[]; count: number }
    >()
    let looked = 0
    for await (const waiting of this.#context.spool.held()) {
      if (++looked > holdLimits.looked) break
      const { message, index } = waiting
      const { id } = message
      const hold = holdOf(waiting)
      if (!hold || !matches(filter, message, hold) || (after !== null && id <= after)) continue
      const known = found.get(id) ?? { message, hold, recipients: [], count: 0 }
      found.set(id, known)
      known.count++
      if (known.recipients.length < holdLimits.recipientsListed)
        known.recipients.push(message.envelope.recipients[index]?.forwardPath ?? '')
    }
    return [...found.values()]
      .sort((one, other) => (one.message.id < other.message.id ? -1 : 1))
      .slice(0, limit)
      .map(({ message, hold, recipients, count }) => viewOf(message, hold, recipients, count))
  }

  /** Returns how many recipients that concerned. `by`: who decides. */
  async decide(filter: HeldFilter, decision: Decision, by: string): Promise<number> {
    let count = 0
    let step: WaitingRecipient[] = []
    for await (const waiting of this.#context.spool.held()) {
      const hold = holdOf(waiting)
      if (!hold || !matches(filter, waiting.message, hold)) continue
      step.push(waiting)
      if (step.length < holdLimits.step) continue
      count += await this.#decideAll(step, decision, by)
      step = []
    }
    return count + (await this.#decideAll(step, decision, by))
  }

  async #decideAll(
    held: readonly WaitingRecipient[],
    decision: Decision,
    by: string,
  ): Promise<number> {
    const { clock, dispatcher, recorder, spool } = this.#context
    // Some may have been decided about meanwhile.
    const taken = held.length === 0 ? held : await spool.takeHeld(held)
    if (taken.length === 0) return 0
    const now = clock.now()
    const events = taken.map((waiting) => this.#eventOf(waiting, decision, by))
    if (!(await recorder.record(events))) return 0
    if (decision === 'release')
      for (const { message, index } of taken)
        dispatcher.waits(queueOf(message, index), notBeforeRelease(message, now))
    return taken.length
  }

  #eventOf(waiting: WaitingRecipient, decision: Decision, by: string): Unwritten<OutcomeEvent> {
    const { message, index, attempts } = waiting
    const now = this.#context.clock.now()
    const common = ofRecipient(waiting, queueOf(message, index), this.#context.node, now)
    if (decision === 'cancel') return { type: 'message.cancelled', ...common, attempts, by }
    const nextAttemptAt = timestampOf(notBeforeRelease(message, now))
    const { priority } = message
    return { type: 'message.released', ...common, by, priority, nextAttemptAt }
  }
}

function matches(filter: HeldFilter, message: Message, { by }: CurrentHold): boolean {
  return (
    (filter.message === null || filter.message === message.id) &&
    (filter.tenant === null || filter.tenant === message.tenant) &&
    (filter.stream === null || filter.stream === message.stream) &&
    (filter.campaign === null || filter.campaign === message.campaign) &&
    (filter.by === null || filter.by === by) &&
    (filter.credential === null || filter.credential === message.credential)
  )
}

function viewOf(
  message: Message,
  { by, why, until }: CurrentHold,
  recipients: readonly string[],
  recipientCount: number,
): HeldMessage {
  return {
    messageId: message.id,
    tenant: message.tenant,
    stream: message.stream,
    campaign: message.campaign,
    credential: message.credential ?? null,
    by,
    why,
    receivedAt: timestampOf(message.receivedAt),
    until: until && timestampOf(until),
    reversePath: message.envelope.reversePath ?? '',
    recipients,
    recipientCount,
    size: message.size,
  }
}
