// SPDX-License-Identifier: Apache-2.0
/**
 * What waits of one credential or key, in the journals of one process: how much where, and all of it taken back. Everything that
 * waits is walked, a page at a time: the index knows nothing of credentials, and a million recipients take seconds, not memory. So
 * each process walks for a few lists and a few takings back at a time, one of each for a tenant.
 *
 * Known limits: what is on a connection is neither counted nor taken back, nor what waits for a first look-up of its domain.
 */
import { type Instant, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import { holdLimits } from '../../base/limits/hold-limits.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { OutcomeRecorder } from '../../delivery/outcome/outcome-recorder.ts'
import { type OutcomeEvent, timestampOf, type Unwritten } from '../../events/event.ts'
import type { EventLog } from '../../spool/event-log.ts'
import type { Message, WaitingRecipient } from '../../spool/message.ts'
import { parseQueueName, type QueueName, queueOf } from '../../spool/queue-name.ts'
import { ofRecipient } from '../../spool/recipient-event.ts'
import type { Spool } from '../../spool/spool.ts'
import type { QueueParts, QueueRow, QueueViews } from './queue-views.ts'

/** Whose mail is meant. */
export interface MailOf {
  /** Or the id of a key of the API. */
  readonly credential: string
  /** `null`: of whichever. */
  readonly tenant: string | null
}

export interface QueuesOf {
  readonly queues: readonly QueueRow[]
  /** There are no others. */
  readonly isWhole: boolean
}

export interface CredentialMailContext {
  readonly node: string
  readonly clock: Clock
  readonly spool: Spool
  readonly events: Pick<EventLog, 'append'>
  readonly dispatcher: Pick<Dispatcher, 'sites' | 'waits'>
  readonly recorder: Pick<OutcomeRecorder, 'record'>
  readonly views: Pick<QueueViews, 'row'>
}

/** What goes into a window while the index is walked is found by the next pass. */
const PASSES = 5
/** What is walked for, and what is said to whoever wants the same meanwhile. */
const walks = {
  list: 'what waits is looked through for the mail of a credential already, which takes some seconds: ask again then',
  cancel:
    'mail of a credential is being taken back already, which takes some seconds: ask again then',
} as const
type Walk = keyof typeof walks

export class CredentialMail {
  readonly #context: CredentialMailContext
  /** For whose mail; `null`: that of any tenant. */
  readonly #underWay: Readonly<Record<Walk, Set<string | null>>> = {
    list: new Set(),
    cancel: new Set(),
  }

  constructor(context: CredentialMailContext) {
    this.#context = context
  }

  /** The `limit` queues with most of it, by name; who is held counts as waiting. Throws `RLY_BUSY` while the tenant's are counted, or many others'. */
  queues(whose: MailOf, limit: number): Promise<QueuesOf> {
    return this.#alone('list', whose, () => this.#count(whose, limit))
  }

  /**
   * Nobody of it who is not on a connection is sent to any more. Returns how many recipients that were. `by`: who takes it back.
   * Throws `RLY_BUSY` while other mail of the tenant is taken back, or of many others.
   */
  cancel(whose: MailOf, by: string): Promise<number> {
    return this.#alone('cancel', whose, () => this.#takeBack(whose, by))
  }

  async #alone<T>(walk: Walk, { tenant }: MailOf, run: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay[walk]
    if (underWay.has(tenant) || underWay.size >= holdLimits.walks)
      throw new RelayError('RLY_BUSY', walks[walk])
    underWay.add(tenant)
    try {
      return await run()
    } finally {
      underWay.delete(tenant)
    }
  }

  async #count(whose: MailOf, limit: number): Promise<QueuesOf> {
    const found = new Map<string, QueueParts>()
    let isWhole = true
    const partsOf = (queue: string): QueueParts | null => {
      const known = found.get(queue)
      if (known !== undefined) return known
      if (found.size >= holdLimits.queuesOfCredential) {
        isWhole = false
        return null
      }
      const fresh = { waiting: 0, nextDueAt: null, ready: 0, inFlight: 0, site: null }
      found.set(queue, fresh)
      return fresh
    }
    for (const site of this.#context.dispatcher.sites.atWork)
      for (const { queue, waiting } of site.ready) {
        const parts = isOf(whose, waiting.message) ? partsOf(queue) : null
        if (parts !== null) Object.assign(parts, { ready: parts.ready + 1, site })
      }
    for await (const page of this.#pages(whose))
      for (const { message, index, dueAt } of page) {
        const parts = partsOf(queueOf(message, index))
        if (parts === null) continue
        parts.waiting++
        parts.nextDueAt = earlier(parts.nextDueAt, dueAt)
      }
    const largest = [...found].sort(([, one], [, other]) => sizeOf(other) - sizeOf(one))
    const rows = largest
      .slice(0, limit)
      .map(([queue, parts]) => this.#context.views.row(queue, parts))
      .sort((one, other) => (one.queue < other.queue ? -1 : 1))
    return { queues: rows, isWhole: isWhole && found.size <= limit }
  }

  async #takeBack(whose: MailOf, by: string): Promise<number> {
    let count = 0
    for (let pass = 0; pass < PASSES; pass++) {
      const found = (await this.#cancelReady(whose, by)) + (await this.#cancelWaiting(whose, by))
      count += found
      if (found === 0) break
    }
    const { clock, events, node } = this.#context
    const text = `${by} took back mail for ${count} recipients that came with ${whose.credential}`
    const at = timestampOf(clock.now())
    await events.append([{ type: 'queue.cancelled', at, node, tenant: whose.tenant, text }])
    return count
  }

  async #cancelReady(whose: MailOf, by: string): Promise<number> {
    const { clock, dispatcher } = this.#context
    let count = 0
    for (const site of dispatcher.sites.atWork) {
      const removed = site.remove(({ waiting }) => isOf(whose, waiting.message))
      for (let at = 0; at < removed.length; at += holdLimits.step)
        count += await this.#end(
          removed.slice(at, at + holdLimits.step).map(({ waiting }) => waiting),
          by,
        )
      // Their places are free for whoever waits behind them.
      for (const queue of new Set(removed.map((each) => each.queue)))
        dispatcher.waits(queue as QueueName, clock.now())
    }
    return count
  }

  async #cancelWaiting(whose: MailOf, by: string): Promise<number> {
    let count = 0
    // Some may be in a window meanwhile.
    for await (const page of this.#pages(whose))
      if (page.length > 0) count += await this.#end(await this.#context.spool.takeWaiting(page), by)
    return count
  }

  async #end(owned: readonly WaitingRecipient[], by: string): Promise<number> {
    if (owned.length === 0) return 0
    const { clock, node, recorder } = this.#context
    const now = clock.now()
    const events = owned.map((waiting): Unwritten<OutcomeEvent> => {
      const queue = queueOf(waiting.message, waiting.index)
      const { attempts } = waiting
      return {
        type: 'message.cancelled',
        ...ofRecipient(waiting, queue, node, now),
        attempts,
        by,
      }
    })
    return (await recorder.record(events)) ? owned.length : 0
  }

  /** Of what waits; others get their turn of the event loop between two pages. */
  async *#pages(whose: MailOf): AsyncIterable<readonly WaitingRecipient[]> {
    const { clock, spool } = this.#context
    const isWanted = (queue: string) =>
      whose.tenant === null || parseQueueName(queue)?.tenant === whose.tenant
    for await (const page of spool.look(isWanted)) {
      yield page.filter(({ message }) => isOf(whose, message))
      await clock.sleep(ms(0))
    }
  }
}

function isOf({ credential, tenant }: MailOf, message: Message): boolean {
  return message.credential === credential && (tenant === null || message.tenant === tenant)
}

function sizeOf({ waiting, ready }: QueueParts): number {
  return waiting + ready
}

function earlier(one: Instant | null, other: Instant): Instant {
  return one === null || other < one ? other : one
}
