// SPDX-License-Identifier: Apache-2.0
/**
 * One desk over those of all workers: asks each and merges. A worker that does not answer (it is being replaced) is
 * left out, as long as another one does.
 */
import { RelayError } from '../../base/errors.ts'
import { invariant } from '../../base/invariant.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { DomainFacts } from '../../events/domain-event.ts'
import type { Event } from '../../events/event.ts'
import type { MessageId, Once } from '../../events/ids.ts'
import {
  type CampaignCounts,
  type CampaignFilter,
  mergeCampaigns,
} from '../campaigns/campaign-counts.ts'
import { mergeHolds } from '../queues/campaign-holds.ts'
import type { MailOf, QueuesOf } from '../queues/credential-mail.ts'
import type { Explanation, Question } from '../queues/explain.ts'
import type { Decision, HeldFilter, HeldMessage } from '../queues/held-mail.ts'
import { mergePools } from '../queues/site-pools.ts'
import type { FailedRecipient, RetryWish } from '../recovery/retried-mail.ts'
import { type RetryCounts, sumOfRetries } from '../recovery/retry-counts.ts'
import { mergeLoads, type PoolLoads, type SourceLoads, summed } from '../sources/source-loads.ts'
import { merged } from './event-merge.ts'
import type {
  AnnouncedEvent,
  DeskStatus,
  MailDesk,
  QueueContents,
  QueueList,
  SendRequest,
  Sent,
} from './mail-desk.ts'
import { mergeQueues, mergeSites } from './queue-merge.ts'

type OwnStatus = 'node' | 'version' | 'pid' | 'supervisorPid' | 'startedAt'

export class MergedDesk implements MailDesk {
  readonly #desks: readonly MailDesk[]
  readonly #own: () => Pick<DeskStatus, OwnStatus>
  #turn = 0

  /** `desks`: at least one. `own`: of the process that merges. */
  constructor(desks: readonly MailDesk[], own: () => Pick<DeskStatus, OwnStatus>) {
    this.#desks = desks
    this.#own = own
  }

  async status(): Promise<DeskStatus> {
    const { answers } = await this.#askAll((desk) => desk.status())
    const sum = (pick: (status: DeskStatus) => number) =>
      answers.reduce((total, status) => total + pick(status), 0)
    const working = answers.filter(({ isReady }) => isReady).length
    return {
      ...this.#own(),
      isReady: working > 0,
      why: `${working} of ${this.#desks.length} workers take mail`,
      waiting: sum(({ waiting }) => waiting),
      ready: sum(({ ready }) => ready),
      connections: sum(({ connections }) => connections),
      sessions: sum(({ sessions }) => sessions),
      forgedPaths: sum(({ forgedPaths }) => forgedPaths),
      forgedLinks: sum(({ forgedLinks }) => forgedLinks),
    }
  }

  /** A queue that is among the largest of one worker alone is shown with that one's mail. */
  async queues(limit: number, tenant: string | null): Promise<QueueList> {
    const lists = await this.#someOf((desk) => desk.queues(limit, tenant))
    return {
      queues: mergeQueues(lists.flatMap(({ queues }) => queues)),
      isWhole: lists.every(({ isWhole }) => isWhole),
      sites: mergeSites(lists.flatMap(({ sites }) => sites)),
    }
  }

  async queuesOf(whose: MailOf, limit: number): Promise<QueuesOf> {
    const lists = await this.#allOf((desk) => desk.queuesOf(whose, limit))
    return {
      queues: mergeQueues(lists.flatMap(({ queues }) => queues)),
      isWhole: lists.every(({ isWhole }) => isWhole),
    }
  }

  async cancelOf(whose: MailOf, by: string): Promise<number> {
    const counts = await this.#allOf((desk) => desk.cancelOf(whose, by))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async show(queue: string, limit: number): Promise<QueueContents> {
    const found = await this.#someOf((desk) => desk.show(queue, limit))
    const [row] = mergeQueues(found.map((contents) => contents.queue))
    if (!row) throw new RelayError('RLY_QUEUE_UNKNOWN', `nothing waits in "${queue}"`)
    return { queue: row, recipients: found.flatMap(({ recipients }) => recipients).slice(0, limit) }
  }

  async suspend(pattern: string, by: string, reason: string): Promise<void> {
    await this.#anyOf((desk) => desk.suspend(pattern, by, reason))
    await this.refresh()
  }

  async resume(pattern: string, by: string): Promise<void> {
    await this.#anyOf((desk) => desk.resume(pattern, by))
    await this.refresh()
  }

  async retry(pattern: string, by: string): Promise<number> {
    const counts = await this.#someOf((desk) => desk.retry(pattern, by))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async bounce(pattern: string, by: string, reason: string): Promise<number> {
    const counts = await this.#someOf((desk) => desk.bounce(pattern, by, reason))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async campaigns(filter: CampaignFilter, limit: number): Promise<readonly CampaignCounts[]> {
    const lists = await this.#someOf((desk) => desk.campaigns(filter, limit))
    return mergeCampaigns(lists.flat(), limit)
  }

  async held(
    filter: HeldFilter,
    limit: number,
    after: string | null,
  ): Promise<readonly HeldMessage[]> {
    const lists = await this.#someOf((desk) => desk.held(filter, limit, after))
    return lists
      .flat()
      .sort((one, other) => (one.messageId < other.messageId ? -1 : 1))
      .slice(0, limit)
  }

  async decide(filter: HeldFilter, decision: Decision, by: string): Promise<number> {
    const counts = await this.#someOf((desk) => desk.decide(filter, decision, by))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** Each worker takes what is its own. */
  async retryFailed(failed: readonly FailedRecipient[], wish: RetryWish): Promise<RetryCounts> {
    return sumOfRetries(await this.#someOf((desk) => desk.retryFailed(failed, wish)))
  }

  async trace(id: MessageId): Promise<readonly Event[]> {
    const found = (await this.#someOf((desk) => desk.trace(id))).flat()
    return found.sort((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)))
  }

  positions(signal: AbortSignal): AsyncIterable<Cursor> {
    return merged(this.#desks.map((desk) => desk.positions(signal)))
  }

  /** As the first sees it, but for what waits, which is in all of them. */
  async explain(question: Question): Promise<Explanation> {
    const all = await this.#someOf((desk) => desk.explain(question))
    const [first] = all
    invariant(first !== undefined, 'somebody has answered')
    const campaigns = mergeHolds(all.map((each) => each.campaigns))
    const pools = mergePools(all.map((each) => each.pools))
    const paths = pools.flatMap(({ pool }) => {
      const from = all.find(({ paths }) => paths.some((path) => path.pool === pool))
      return from?.paths.filter((path) => path.pool === pool) ?? []
    })
    return { ...first, campaigns, pools, paths }
  }

  async sources(): Promise<SourceLoads> {
    const loads = await this.#someOf((desk) => desk.sources())
    return mergeLoads(loads, this.#desks.length)
  }

  async pools(): Promise<PoolLoads> {
    return summed(await this.#someOf((desk) => desk.pools()))
  }

  send(request: SendRequest): Promise<Sent> {
    return this.#anyOf((desk) => desk.send(request))
  }

  async sentBefore(once: Once): Promise<Sent | null> {
    const found = await Promise.all(this.#desks.map((desk) => desk.sentBefore(once)))
    return found.find((sent) => sent !== null) ?? null
  }

  announce(what: AnnouncedEvent, text: string, tenant: string | null): Promise<void> {
    return this.#anyOf((desk) => desk.announce(what, text, tenant))
  }

  tell(facts: DomainFacts): Promise<void> {
    return this.#anyOf((desk) => desk.tell(facts))
  }

  async refresh(): Promise<void> {
    await this.#askAll((desk) => desk.refresh())
  }

  /** The answers of those who have one; what the first said where nobody has. */
  async #someOf<T>(ask: (desk: MailDesk) => Promise<T>): Promise<readonly T[]> {
    const { answers, failures } = await this.#askAll(ask)
    if (answers.length === 0) throw mostTelling(failures)
    return answers
  }

  /** The answers of all that can be reached: what one of them refuses is refused. */
  async #allOf<T>(ask: (desk: MailDesk) => Promise<T>): Promise<readonly T[]> {
    const { answers, failures } = await this.#askAll(ask)
    const refusal = failures.find((failure) => !isUnreachable(failure))
    if (refusal !== undefined || answers.length === 0) throw refusal ?? failures[0]
    return answers
  }

  /** Each desk in turn, until one can be reached; what it says holds, a refusal too. */
  async #anyOf<T>(ask: (desk: MailDesk) => Promise<T>): Promise<T> {
    this.#turn++
    let failure: unknown = null
    for (let at = 0; at < this.#desks.length; at++) {
      const desk = this.#desks[(this.#turn + at) % this.#desks.length]
      if (!desk) continue
      try {
        return await ask(desk)
      } catch (thrown) {
        // Not running: another one may be. All else is an answer.
        if (!isUnreachable(thrown)) throw thrown
        failure = thrown
      }
    }
    throw failure
  }

  async #askAll<T>(ask: (desk: MailDesk) => Promise<T>) {
    const settled = await Promise.allSettled(this.#desks.map(ask))
    return {
      answers: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
      failures: settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
    }
  }
}

/** Rather what a worker said than that another one is away. */
function mostTelling(failures: readonly unknown[]): unknown {
  return failures.find((failure) => !isUnreachable(failure)) ?? failures[0]
}

function isUnreachable(thrown: unknown): boolean {
  return thrown instanceof RelayError && thrown.code === 'RLY_RELAY_NOT_RUNNING'
}
