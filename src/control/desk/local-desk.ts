// SPDX-License-Identifier: Apache-2.0
/** The desk of the process that has the mail. */
import { RelayError } from '../../base/errors.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { DomainFacts } from '../../events/domain-event.ts'
import type { Event } from '../../events/event.ts'
import type { MessageId, Once } from '../../events/ids.ts'
import type { EventLog } from '../../spool/event-log.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import {
  type CampaignCounts,
  type CampaignFilter,
  countCampaigns,
} from '../campaigns/campaign-counts.ts'
import type { CredentialMail, MailOf, QueuesOf } from '../queues/credential-mail.ts'
import type { Explanation, Question } from '../queues/explain.ts'
import type { Decision, HeldFilter, HeldMail, HeldMessage } from '../queues/held-mail.ts'
import type { QueueActions } from '../queues/queue-actions.ts'
import type { QueueViews } from '../queues/queue-views.ts'
import { unknownQueue } from '../queues/unknown-queue.ts'
import type { FailedRecipient, RetriedMail, RetryWish } from '../recovery/retried-mail.ts'
import type { RetryCounts } from '../recovery/retry-counts.ts'
import type { PoolLoads, SourceLoads } from '../sources/source-loads.ts'
import type { LocalSend } from './local-send.ts'
import type {
  AnnouncedEvent,
  DeskStatus,
  MailDesk,
  QueueContents,
  QueueList,
  SendRequest,
  Sent,
} from './mail-desk.ts'

export interface LocalDeskParts {
  readonly views: QueueViews
  readonly actions: QueueActions
  readonly holds: HeldMail
  readonly retries: RetriedMail
  readonly ofCredentials: CredentialMail
  readonly events: EventLog
  readonly sender: LocalSend
  readonly status: () => DeskStatus
  readonly explain: (question: Question) => Promise<Explanation>
  readonly sources: () => SourceLoads
  readonly pools: () => Promise<PoolLoads>
  readonly announce: MailDesk['announce']
  readonly tell: MailDesk['tell']
  readonly refresh: () => Promise<void>
}

export class LocalDesk implements MailDesk {
  readonly #parts: LocalDeskParts

  constructor(parts: LocalDeskParts) {
    this.#parts = parts
  }

  async status(): Promise<DeskStatus> {
    return this.#parts.status()
  }

  async queues(limit: number, tenant: string | null): Promise<QueueList> {
    const { views } = this.#parts
    return { ...(await views.list(limit, tenant)), sites: views.sites(limit) }
  }

  queuesOf(whose: MailOf, limit: number): Promise<QueuesOf> {
    return this.#parts.ofCredentials.queues(whose, limit)
  }

  cancelOf(whose: MailOf, by: string): Promise<number> {
    return this.#parts.ofCredentials.cancel(whose, by)
  }

  async show(queue: string, limit: number): Promise<QueueContents> {
    const { views } = this.#parts
    const found = await views.matching((candidate) => candidate === queue)
    const [row] = found.queues
    if (!row) throw unknownQueue(`nothing waits in "${queue}"`, queue, found.others)
    return { queue: row, recipients: await views.show(queue as QueueName, limit) }
  }

  suspend(pattern: string, by: string, reason: string): Promise<void> {
    return this.#parts.actions.suspend(pattern, by, reason)
  }

  resume(pattern: string, by: string): Promise<void> {
    return this.#parts.actions.resume(pattern, by)
  }

  retry(pattern: string, by: string): Promise<number> {
    return this.#parts.actions.retry(pattern, by)
  }

  bounce(pattern: string, by: string, reason: string): Promise<number> {
    return this.#parts.actions.bounce(pattern, by, reason)
  }

  campaigns(filter: CampaignFilter, limit: number): Promise<readonly CampaignCounts[]> {
    return countCampaigns(this.#parts.views, filter, limit)
  }

  held(filter: HeldFilter, limit: number, after: string | null): Promise<readonly HeldMessage[]> {
    return this.#parts.holds.list(filter, limit, after)
  }

  decide(filter: HeldFilter, decision: Decision, by: string): Promise<number> {
    return this.#parts.holds.decide(filter, decision, by)
  }

  retryFailed(failed: readonly FailedRecipient[], wish: RetryWish): Promise<RetryCounts> {
    return this.#parts.retries.retry(failed, wish)
  }

  async trace(id: MessageId): Promise<readonly Event[]> {
    const found = await this.#parts.events.trace(id)
    if (found.length === 0)
      throw new RelayError('RLY_MESSAGE_UNKNOWN', `no events of message ${id} are kept here`)
    return found
  }

  positions(signal: AbortSignal): AsyncIterable<Cursor> {
    return this.#parts.events.positions(signal)
  }

  explain(question: Question): Promise<Explanation> {
    return this.#parts.explain(question)
  }

  async sources(): Promise<SourceLoads> {
    return this.#parts.sources()
  }

  pools(): Promise<PoolLoads> {
    return this.#parts.pools()
  }

  send(request: SendRequest): Promise<Sent> {
    return this.#parts.sender.send(request)
  }

  async sentBefore(once: Once): Promise<Sent | null> {
    const { events } = this.#parts
    const received = await events.receivedOf(once)
    if (received === null) return null
    const all = await events.trace(received.messageId)
    const suppressed = all
      .filter((event) => event.type === 'message.suppressed')
      .map(({ recipient, reason, suppression }) => ({ recipient, reason, suppression }))
    return { messageId: received.messageId, suppressed }
  }

  announce(what: AnnouncedEvent, text: string, tenant: string | null): Promise<void> {
    return this.#parts.announce(what, text, tenant)
  }

  tell(facts: DomainFacts): Promise<void> {
    return this.#parts.tell(facts)
  }

  refresh(): Promise<void> {
    return this.#parts.refresh()
  }
}
