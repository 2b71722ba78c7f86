// SPDX-License-Identifier: Apache-2.0
/**
 * Where records live. One writer at a time, many readers, in several processes. Each `put` inserts or replaces by
 * the record's key. Removing what others depend on throws `RLY_RECORD_IN_USE`.
 *
 * Every implementation passes `test/conformance/store.ts`.
 */
import type { Domain } from '../protocol/mailbox.ts'
import type { AuditRecords } from './audit.ts'
import type { BrakeRecord } from './brake.ts'
import type { CampaignRecords } from './campaigns/campaign.ts'
import type { LastUseRecords } from './credentials/last-use.ts'
import type { DomainCheckupRecords } from './domains/domain-checkup.ts'
import type { EngagementRecords } from './engagement.ts'
import type { FirstAnswerRecords } from './first-answer.ts'
import type { PersonRecords } from './people/person.ts'
import type { SessionRecords } from './people/session.ts'
import type { QuotaRecords, QuotaUsageRecords } from './quotas/quota.ts'
import type { RateRecords } from './rate.ts'
import type {
  ApiKey,
  ApiKeyId,
  Credential,
  CredentialId,
  SendingDomain,
  SigningKey,
  Slug,
  Stream,
  Suspension,
  Tenant,
} from './records.ts'
import type { SourceRecords } from './source.ts'
import type { SourceCheckupRecords } from './source-checkup.ts'
import type { StandingHourRecords, StandingRecords } from './standing.ts'
import type { SuppressionRecords } from './suppressions/suppression-records.ts'
import type { WarmUpRecords } from './warm-up.ts'
import type { WebhookRecords } from './webhooks/webhook.ts'

export interface Store extends AsyncDisposable {
  readonly tenants: {
    list(): Promise<readonly Tenant[]>
    put(tenant: Tenant): Promise<void>
    /** Only a tenant without domains, credentials, keys and people; its streams and webhooks go with it. */
    remove(id: Slug): Promise<boolean>
  }
  readonly streams: {
    list(): Promise<readonly Stream[]>
    put(stream: Stream): Promise<void>
    remove(tenant: Slug, name: Slug): Promise<boolean>
  }
  readonly domains: {
    list(): Promise<readonly SendingDomain[]>
    /** Of all tenants that have set it up. */
    named(name: Domain): Promise<readonly SendingDomain[]>
    /** Throws `RLY_RECORD_EXISTS` where another tenant has it verified, as it would be. */
    put(domain: SendingDomain): Promise<void>
    /** Its keys go with it. */
    remove(tenant: Slug, name: Domain): Promise<boolean>
  }
  readonly signingKeys: {
    list(): Promise<readonly SigningKey[]>
    of(tenant: Slug, domain: Domain): Promise<readonly SigningKey[]>
    put(key: SigningKey): Promise<void>
    remove(tenant: Slug, domain: Domain, selector: string): Promise<boolean>
  }
  readonly domainCheckups: DomainCheckupRecords
  readonly credentials: {
    list(): Promise<readonly Credential[]>
    put(credential: Credential): Promise<void>
    remove(id: CredentialId): Promise<boolean>
  }
  readonly apiKeys: {
    list(): Promise<readonly ApiKey[]>
    put(key: ApiKey): Promise<void>
    remove(id: ApiKeyId): Promise<boolean>
  }
  readonly people: PersonRecords
  readonly sessions: SessionRecords
  readonly audit: AuditRecords
  readonly suspensions: {
    list(): Promise<readonly Suspension[]>
    put(suspension: Suspension): Promise<void>
    remove(queue: string): Promise<boolean>
  }
  readonly brakes: {
    list(): Promise<readonly BrakeRecord[]>
    put(brake: BrakeRecord): Promise<void>
    remove(name: string): Promise<boolean>
  }
  readonly campaigns: CampaignRecords
  readonly rates: RateRecords
  readonly suppressions: SuppressionRecords
  readonly quotas: QuotaRecords
  readonly quotaUsage: QuotaUsageRecords
  readonly standings: StandingRecords
  readonly standingHours: StandingHourRecords
  readonly webhooks: WebhookRecords
  readonly warmUps: WarmUpRecords
  readonly sources: SourceRecords
  readonly sourceCheckups: SourceCheckupRecords
  readonly engagement: EngagementRecords
  readonly firstAnswers: FirstAnswerRecords
  readonly lastUses: LastUseRecords
  /** What replies have taught, as text; of whom it is by `key`. Written often, and no change of the records. */
  readonly lessons: {
    list(): Promise<readonly { readonly key: string; readonly text: string }[]>
    put(lessons: readonly { readonly key: string; readonly text: string }[]): Promise<void>
    remove(keys: readonly string[]): Promise<void>
  }
  /** How far views of events have read, as text. */
  readonly views: {
    cursor(name: string): Promise<string | null>
    put(name: string, cursor: string): Promise<void>
  }
  /** All or nothing, and nobody else writes meanwhile. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
  /** Changes whenever a record does, also by another process; suppressions, people and what is written often may or may not. Cheap: asked once a second. */
  version(): Promise<number>
}
