// SPDX-License-Identifier: Apache-2.0
/**
 * What people ask of those who have mail in hand. One process answers for itself (`LocalDesk`); where several workers
 * share the mail, each has a desk of its own, and the control process asks all of them and merges what they say
 * (`MergedDesk`). What asks does not know which.
 */
import type { Cursor } from '../../events/cursor.ts'
import type { DomainFacts } from '../../events/domain-event.ts'
import type { Event } from '../../events/event.ts'
import type { MessageId, Once } from '../../events/ids.ts'
import { type DecisionKind, decisionKinds } from '../../queue/warm-up/warm-up-state.ts'
import type { CampaignSpread } from '../../records/campaigns/campaign-spread.ts'
import type { Tracked } from '../../records/records.ts'
import type { SuppressionReason } from '../../records/suppressions/suppression.ts'
import type { CampaignCounts, CampaignFilter } from '../campaigns/campaign-counts.ts'
import type { MailOf, QueuesOf } from '../queues/credential-mail.ts'
import type { Explanation, Question } from '../queues/explain.ts'
import type { Decision, HeldFilter, HeldMessage } from '../queues/held-mail.ts'
import type { QueueRow, SiteRow } from '../queues/queue-views.ts'
import type { WaitingRow } from '../queues/waiting-row.ts'
import type { FailedRecipient, RetryWish } from '../recovery/retried-mail.ts'
import type { RetryCounts } from '../recovery/retry-counts.ts'
import type { PoolLoads, SourceLoads } from '../sources/source-loads.ts'

export interface DeskStatus {
  readonly node: string
  readonly version: string
  readonly pid: number
  /** Of the process that replaces workers; `null` where there is none. */
  readonly supervisorPid: number | null
  /** RFC 3339. */
  readonly startedAt: string
  /** Takes mail. */
  readonly isReady: boolean
  /** Why, or why not, in words. */
  readonly why: string
  /** Recipients in the index, in windows; open connections to receivers; open sessions of submitters. */
  readonly waiting: number
  readonly ready: number
  readonly connections: number
  readonly sessions: number
  /** Recipients of mail that came in, in the form of a return path of ours and none of ours, since the process began. */
  readonly forgedPaths: number
  /** Links that recipients followed, or others, in whose word nothing of ours stands, since the process began. */
  readonly forgedLinks: number
}

export interface QueueList {
  readonly queues: readonly QueueRow[]
  /** There are no others. */
  readonly isWhole: boolean
  readonly sites: readonly SiteRow[]
}

export interface QueueContents {
  readonly queue: QueueRow
  readonly recipients: readonly WaitingRow[]
}

export interface SendRequest {
  readonly tenant: string
  /** `null`: the tenant's default. */
  readonly stream: string | null
  /** Empty for the null reverse-path. */
  readonly reversePath: string
  readonly recipients: readonly string[]
  /** Base64 of the content, CRLF line ends. */
  readonly content: string
  /** RFC 3339: nobody is tried before; `null`: at once. */
  readonly releaseAt: string | null
  readonly campaign: string | null
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  /** It goes to nobody but the simulated receiver. */
  readonly sandbox: boolean
  /** What is counted of it; `null`: what its stream has counted. */
  readonly tracks: readonly Tracked[] | null
  /** When mail of its campaign goes, and how fast, as they are kept. */
  readonly spread: CampaignSpread | null
  /** How glad its recipients are of mail, 0 to 100; `null`: what is known of them counts. */
  readonly engagement: number | null
  /** By which door it came. */
  readonly by: 'shell' | 'http'
  /** Of the client, without port. */
  readonly address: string
  /** It may come again; `null`: whoever asks again sends again. */
  readonly once: Once | null
  /** The key of the API that it came with; `null`: none. */
  readonly key: string | null
}

export interface Sent {
  readonly messageId: string
  /** Recipients whom the tenant's list keeps it from. */
  readonly suppressed: readonly {
    readonly recipient: string
    readonly reason: SuppressionReason
    readonly suppression: string
  }[]
}

/** What happens around people, and what control counts. */
export const announcedTypes = {
  passwords: 'person.guessed',
  keys: 'credential.guessed',
  complaints: 'stream.complaints',
  bounces: 'stream.bounces',
  campaignComplaints: 'campaign.complaints',
  campaignBounces: 'campaign.bounces',
  campaignPaused: 'campaign.paused',
  campaignResumed: 'campaign.resumed',
  campaignCancelled: 'campaign.cancelled',
  campaignChanged: 'campaign.changed',
  ...warmUpTypes(),
  'tenant.good': 'tenant.good',
  'tenant.watched': 'tenant.watched',
  'tenant.quarantined': 'tenant.quarantined',
  'tenant.held': 'tenant.held',
  sourceResting: 'source.resting',
  sourceDraining: 'source.draining',
  sourceDrained: 'source.drained',
  sourceResumed: 'source.resumed',
  sourceReaddressed: 'source.readdressed',
  sourceListed: 'source.listed',
  sourceUnlisted: 'source.unlisted',
  sourceMisnamed: 'source.misnamed',
  sourceNamed: 'source.named',
  sourceMissing: 'source.missing',
  sourcePresent: 'source.present',
  webhookDown: 'webhook.down',
  webhookUp: 'webhook.up',
  webhookDead: 'webhook.dead',
  webhookLedger: 'webhook.ledger-damaged',
  webhookType: 'webhook.type-skipped',
} as const
export type AnnouncedEvent = keyof typeof announcedTypes

export interface MailDesk {
  status(): Promise<DeskStatus>
  /** The `limit` queues with most recipients, of one tenant or of all (`null`), and as many sites. */
  queues(limit: number, tenant: string | null): Promise<QueueList>
  /** Likewise, of what came with one credential or key alone. */
  queuesOf(whose: MailOf, limit: number): Promise<QueuesOf>
  /** All of that which is not on a connection is taken back; returns how many recipients that were. */
  cancelOf(whose: MailOf, by: string): Promise<number>
  /** Throws `RLY_QUEUE_UNKNOWN` where nothing waits there. */
  show(queue: string, limit: number): Promise<QueueContents>
  /** `pattern`: a queue name, or one with `*`; also for queues that are still to come. */
  suspend(pattern: string, by: string, reason: string): Promise<void>
  resume(pattern: string, by: string): Promise<void>
  /** How many recipients that concerns. */
  retry(pattern: string, by: string): Promise<number>
  bounce(pattern: string, by: string, reason: string): Promise<number>
  /** How much waits of campaigns; of more than `limit` of those with most. */
  campaigns(filter: CampaignFilter, limit: number): Promise<readonly CampaignCounts[]>
  /** Mail that waits for a decision: the first `limit` messages by id, after that one. */
  held(filter: HeldFilter, limit: number, after: string | null): Promise<readonly HeldMessage[]>
  /** Of all that the filter means; returns how many recipients that were. */
  decide(filter: HeldFilter, decision: Decision, by: string): Promise<number>
  /** Sends mail again that had failed; counts those whose mail is here. */
  retryFailed(failed: readonly FailedRecipient[], wish: RetryWish): Promise<RetryCounts>
  /** Throws `RLY_MESSAGE_UNKNOWN`. */
  trace(id: MessageId): Promise<readonly Event[]>
  /** How far the journals may be read (`EventLog.positions`); not all journals need be in each. */
  positions(signal: AbortSignal): AsyncIterable<Cursor>
  /** Throws `RLY_USAGE` where that is about no address, `RLY_RECORD_UNKNOWN` about no stream. */
  explain(question: Question): Promise<Explanation>
  /** What sources have in hand. */
  sources(): Promise<SourceLoads>
  /** What waits for each pool. */
  pools(): Promise<PoolLoads>
  /** Throws `RLY_REFUSED` with the reply that a submitter would have got. */
  send(request: SendRequest): Promise<Sent>
  /** What was made of such a request before, as far as that is written; `null`: nothing. Throws where a worker that may know does not answer. */
  sentBefore(once: Once): Promise<Sent | null>
  /** Writes down what happened to the relay itself, outside of mail. `what`: the type of the event after its dot. */
  announce(what: AnnouncedEvent, text: string, tenant: string | null): Promise<void>
  /** Writes down what happened to a sending domain. */
  tell(facts: DomainFacts): Promise<void>
  /** The records have changed: look now instead of within a second. */
  refresh(): Promise<void>
}

function warmUpTypes(): { readonly [Kind in DecisionKind as `warmup.${Kind}`]: `warmup.${Kind}` } {
  const types = decisionKinds.map((kind) => [`warmup.${kind}`, `warmup.${kind}`])
  return Object.fromEntries(types)
}
