// SPDX-License-Identifier: Apache-2.0
/** What a person does to queues: suspend, resume, retry, bounce. Each is an OperationEvent too. */
import type { Clock } from '../../base/clock.ts'
import { globOf } from '../../base/glob.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import { attemptEvent } from '../../delivery/outcome/attempt-event.ts'
import { noticeOfWait } from '../../delivery/outcome/notice.ts'
import type { OutcomeRecorder } from '../../delivery/outcome/outcome-recorder.ts'
import { timestampOf } from '../../events/event.ts'
import { reply } from '../../protocol/reply.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import type { Store } from '../../records/store.ts'
import type { EventLog } from '../../spool/event-log.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { QueueViews } from './queue-views.ts'
import { unknownQueue } from './unknown-queue.ts'

export interface QueueActionsContext {
  readonly node: string
  readonly clock: Clock
  readonly store: Store
  readonly events: EventLog
  readonly dispatcher: Dispatcher
  readonly recorder: OutcomeRecorder
  readonly views: QueueViews
  /** Reads the records again, so that a suspension takes effect at once. */
  readonly refreshDirectory: () => Promise<void>
}

export class QueueActions {
  readonly #context: QueueActionsContext

  constructor(context: QueueActionsContext) {
    this.#context = context
  }

  /** `pattern`: a queue name, or one with `*`; also for queues that are still to come. Throws `RLY_USAGE` where it breaks the bounds. */
  async suspend(pattern: string, by: string, reason: string): Promise<void> {
    globOf(pattern)
    const createdAt = this.#context.clock.now()
    await this.#context.store.suspensions.put({ queue: pattern, by, reason, createdAt })
    await this.#context.refreshDirectory()
    await this.#say('queue.suspended', `${by} suspended ${pattern}: ${reason}`)
  }

  async resume(pattern: string, by: string): Promise<void> {
    const wasThere = await this.#context.store.suspensions.remove(pattern)
    if (!wasThere) {
      const all = await this.#context.store.suspensions.list()
      throw unknownQueue(
        `no suspension of "${pattern}"`,
        pattern,
        all.map(({ queue }) => queue),
      )
    }
    await this.#context.refreshDirectory()
    await this.#say('queue.resumed', `${by} resumed ${pattern}`)
  }

  /** Tries everything in these queues now; returns how many recipients that concerns. */
  async retry(pattern: string, by: string): Promise<number> {
    const rows = await this.#matching(pattern)
    await this.#context.dispatcher.retry(rows.map(({ queue }) => queue as QueueName))
    const count = rows.reduce((sum, row) => sum + row.waiting + row.ready, 0)
    await this.#say(
      'queue.retried',
      `${by} asked for ${count} recipients of ${pattern} to be tried now`,
    )
    return count
  }

  /** Ends everything in these queues that is not in flight, with a DSN where one is owed. */
  async bounce(pattern: string, by: string, reason: string): Promise<number> {
    let count = 0
    for (const { queue } of await this.#matching(pattern))
      for await (const recipients of this.#context.dispatcher.takeAll(queue as QueueName)) {
        await this.#bounceAll(recipients, reason)
        count += recipients.length
      }
    await this.#say('queue.bounced', `${by} bounced ${count} recipients of ${pattern}: ${reason}`)
    return count
  }

  async #bounceAll(recipients: readonly ReadyRecipient[], reason: string): Promise<void> {
    const { clock, node, recorder } = this.#context
    const bounce = {
      kind: 'bounced',
      blame: 'message',
      reply: reply(554, '5.7.0', reason),
      said: 'us',
    } as const
    const pulledAt = clock.monotonic()
    const attempt = {
      node,
      site: '',
      source: '',
      facts: null,
      connectMs: 0,
      pulledAt,
      endedAt: pulledAt,
      now: clock.now(),
      by: 'person',
    } as const
    const events = recipients.map((recipient) =>
      attemptEvent(recipient, bounce, attempt, attempt.now),
    )
    const notices = recipients.map((recipient) => ({
      ...noticeOfWait(recipient, { kind: 'bounced' }),
      reply: bounce.reply,
      said: 'us' as const,
      mx: null,
    }))
    await recorder.recordReported(events, notices)
  }

  async #matching(pattern: string) {
    const glob = globOf(pattern)
    const { queues, others } = await this.#context.views.matching((queue) => glob.matches(queue))
    if (queues.length === 0) throw unknownQueue(`nothing waits in "${pattern}"`, pattern, others)
    return queues
  }

  #say(type: `queue.${string}`, text: string): Promise<void> {
    const at = timestampOf(this.#context.clock.now())
    return this.#context.events.append([{ type, at, node: this.#context.node, tenant: null, text }])
  }
}
