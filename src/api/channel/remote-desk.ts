// SPDX-License-Identifier: Apache-2.0
/** The desk of another process of this relay, over its control socket. */

import { seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { CampaignCounts, CampaignFilter } from '../../control/campaigns/campaign-counts.ts'
import type {
  AnnouncedEvent,
  DeskStatus,
  MailDesk,
  QueueContents,
  QueueList,
  SendRequest,
  Sent,
} from '../../control/desk/mail-desk.ts'
import type { MailOf, QueuesOf } from '../../control/queues/credential-mail.ts'
import type { Explanation, Question } from '../../control/queues/explain.ts'
import type { Decision, HeldFilter, HeldMessage } from '../../control/queues/held-mail.ts'
import type { FailedRecipient, RetryWish } from '../../control/recovery/retried-mail.ts'
import type { RetryCounts } from '../../control/recovery/retry-counts.ts'
import type { PoolLoads, SourceLoads } from '../../control/sources/source-loads.ts'
import { type Cursor, parseCursor } from '../../events/cursor.ts'
import type { DomainFacts } from '../../events/domain-event.ts'
import type { Event } from '../../events/event.ts'
import type { MessageId, Once } from '../../events/ids.ts'
import { ControlClient } from '../control-client.ts'
import { messages } from './messages.ts'

/** A worker that ended has a successor soon. */
const TRY_AGAIN = seconds(0.25)

export class RemoteDesk implements MailDesk {
  readonly #client: ControlClient
  readonly #clock: Clock

  constructor(socketFile: string, clock: Clock) {
    this.#client = new ControlClient(socketFile)
    this.#clock = clock
  }

  status(): Promise<DeskStatus> {
    return this.#client.ask(messages.status, {})
  }

  queues(limit: number, tenant: string | null): Promise<QueueList> {
    return this.#client.ask(messages.queues, { limit, ...(tenant !== null && { tenant }) })
  }

  queuesOf(whose: MailOf, limit: number): Promise<QueuesOf> {
    return this.#client.ask(messages.queuesOf, { ...whose, limit })
  }

  async cancelOf(whose: MailOf, by: string): Promise<number> {
    return (await this.#client.ask(messages.cancelOf, { ...whose, by })).recipients
  }

  show(queue: string, limit: number): Promise<QueueContents> {
    return this.#client.ask(messages.show, { queue, limit })
  }

  async suspend(pattern: string, by: string, reason: string): Promise<void> {
    await this.#client.ask(messages.suspend, { pattern, by, reason })
  }

  async resume(pattern: string, by: string): Promise<void> {
    await this.#client.ask(messages.resume, { pattern, by })
  }

  async retry(pattern: string, by: string): Promise<number> {
    return (await this.#client.ask(messages.retry, { pattern, by })).recipients
  }

  async bounce(pattern: string, by: string, reason: string): Promise<number> {
    return (await this.#client.ask(messages.bounce, { pattern, by, reason })).recipients
  }

  async campaigns(
    { name, tenant }: CampaignFilter,
    limit: number,
  ): Promise<readonly CampaignCounts[]> {
    const wanted = { ...(tenant !== null && { tenant }), ...(name !== null && { name }) }
    return (await this.#client.ask(messages.campaigns, { ...wanted, limit })).campaigns
  }

  async held(
    filter: HeldFilter,
    limit: number,
    after: string | null,
  ): Promise<readonly HeldMessage[]> {
    return (await this.#client.ask(messages.held, { ...filter, limit, after })).messages
  }

  async decide(filter: HeldFilter, decision: Decision, decidedBy: string): Promise<number> {
    return (await this.#client.ask(messages.decide, { ...filter, decision, decidedBy })).recipients
  }

  retryFailed(failed: readonly FailedRecipient[], wish: RetryWish): Promise<RetryCounts> {
    return this.#client.ask(messages.retryFailed, { failed: [...failed], ...wish })
  }

  async trace(id: MessageId): Promise<readonly Event[]> {
    return (await this.#client.ask(messages.trace, { message: id })).events
  }

  /** Goes on with the successor of a process that ended. */
  async *positions(signal: AbortSignal): AsyncIterable<Cursor> {
    while (!signal.aborted) {
      try {
        for await (const line of this.#client.lines(messages.positions.path, signal))
          yield parseCursor(JSON.parse(line) as string)
      } catch (thrown) {
        // The other process is away, or was cut in the middle of a line.
        if (!signal.aborted && !(thrown instanceof Error)) throw thrown
      }
      await this.#clock.sleep(TRY_AGAIN, signal)
    }
  }

  explain(question: Question): Promise<Explanation> {
    return this.#client.ask(messages.explain, { ...question })
  }

  sources(): Promise<SourceLoads> {
    return this.#client.ask(messages.sources, {})
  }

  pools(): Promise<PoolLoads> {
    return this.#client.ask(messages.pools, {})
  }

  send(request: SendRequest): Promise<Sent> {
    const { recipients, tags, metadata, ...rest } = request
    const copied = { recipients: [...recipients], tags: [...tags], metadata: { ...metadata } }
    return this.#client.ask(messages.send, { ...rest, ...copied })
  }

  async sentBefore(once: Once): Promise<Sent | null> {
    return (await this.#client.ask(messages.sentBefore, { ...once })).sent
  }

  async announce(what: AnnouncedEvent, text: string, tenant: string | null): Promise<void> {
    await this.#client.ask(messages.announce, { what, text, tenant })
  }

  async tell(facts: DomainFacts): Promise<void> {
    await this.#client.ask(messages.tell, facts)
  }

  async refresh(): Promise<void> {
    await this.#client.ask(messages.refresh, {})
  }
}
