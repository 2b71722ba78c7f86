// SPDX-License-Identifier: Apache-2.0
/** Rows of the records' tables; columns are written in snake_case. Booleans are 0 and 1 and lists are JSON, for SQLite has neither. */
import type { GeneratedAlways } from 'kysely'
import { ms } from '../../base/brand.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { AuditEntry } from '../../records/audit.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import type { LastUse } from '../../records/credentials/last-use.ts'
import type { DomainCheckup } from '../../records/domains/domain-checkup.ts'
import type { Engaged } from '../../records/engagement.ts'
import type { FirstAnswer } from '../../records/first-answer.ts'
import type { Session } from '../../records/people/session.ts'
import type { Quota, QuotaUsage } from '../../records/quotas/quota.ts'
import type { RateRow } from '../../records/rate.ts'
import type {
  ApiKey,
  Credential,
  SendingDomain,
  SigningKey,
  Stream,
  Suspension,
  Tenant,
} from '../../records/records.ts'
import type { SourceCheckup } from '../../records/source-checkup.ts'
import type { StandingHour, StandingRecord } from '../../records/standing.ts'
import type {
  Suppression,
  SuppressionImport,
  SuppressionScope,
} from '../../records/suppressions/suppression.ts'
import type { WarmUpRecord } from '../../records/warm-up.ts'
import type { CampaignRow } from './campaign-row.ts'
import type { PersonRow } from './person-row.ts'
import type { SourceRow } from './source-row.ts'
import type { WebhookRow } from './webhook-row.ts'

export interface Tables {
  readonly tenants: Tenant
  readonly streams: StreamRow
  readonly domains: DomainRow
  readonly signingKeys: SigningKeyRow
  readonly domainCheckups: DomainCheckupRow
  readonly credentials: CredentialRow
  readonly apiKeys: ApiKeyRow
  readonly people: PersonRow
  readonly sessions: Session
  readonly audit: Generated<AuditEntry>
  readonly suspensions: Suspension
  readonly brakes: BrakeRecord
  readonly campaigns: CampaignRow
  readonly rates: RateRow
  readonly suppressions: Generated<SuppressionRow>
  readonly quotas: Quota
  readonly quotaUsage: QuotaUsage
  readonly standings: StandingRecord
  readonly standingHours: StandingHour
  readonly suppressionImports: SuppressionImport
  readonly webhooks: WebhookRow
  readonly warmUps: WarmUpRecord
  readonly sources: SourceRow
  readonly sourceCheckups: SourceCheckupRow
  readonly engagement: Engaged
  readonly firstAnswers: FirstAnswer
  readonly views: { readonly name: string; readonly cursor: string }
  readonly lastUses: LastUse
  readonly lessons: { readonly key: string; readonly text: string }
}

export interface StreamRow
  extends Omit<
    Stream,
    | 'retryAfter'
    | 'mayShareTransaction'
    | 'sendsReports'
    | 'fromDomains'
    | 'addsUnsubscribe'
    | 'forwardsReports'
    | 'isSandbox'
    | 'isDefault'
    | 'suppressesOn'
    | 'tracks'
  > {
  /** JSON list of milliseconds. */
  readonly retryAfter: string
  /** JSON list. */
  readonly fromDomains: string
  readonly suppressesOn: string
  readonly tracks: string
  readonly mayShareTransaction: 0 | 1
  readonly sendsReports: 0 | 1
  readonly addsUnsubscribe: 0 | 1
  readonly forwardsReports: 0 | 1
  readonly isSandbox: 0 | 1
  readonly isDefault: 0 | 1
}

export interface DomainRow extends Omit<SendingDomain, 'lacks'> {
  /** JSON list. */
  readonly lacks: string
}

export interface DomainCheckupRow extends Omit<DomainCheckup, 'absences' | 'checkedAt'> {
  readonly checkedAt: DomainCheckup['checkedAt'] | null
  /** JSON list. */
  readonly absences: string
}

export interface SourceCheckupRow extends Omit<SourceCheckup, 'findings'> {
  /** JSON. */
  readonly findings: string
}

export interface SigningKeyRow extends Omit<SigningKey, 'isProof'> {
  readonly isProof: 0 | 1
}

export interface CredentialRow extends Omit<Credential, 'isSandbox' | 'isDisabled'> {
  readonly isSandbox: 0 | 1
  readonly isDisabled: 0 | 1
}

export interface ApiKeyRow extends Omit<ApiKey, 'scopes' | 'allowedFrom'> {
  /** JSON lists. */
  readonly scopes: string
  readonly allowedFrom: string
}

export interface SuppressionRow extends Omit<Suppression, 'scope'> {
  readonly scopeKind: SuppressionScope['kind']
  readonly scopeName: string
}

/** The database makes the id. */
type Generated<Row extends { readonly id: number }> = Omit<Row, 'id'> & {
  readonly id: GeneratedAlways<Row['id']>
}

export function streamRowOf(stream: Stream): StreamRow {
  return {
    ...stream,
    retryAfter: JSON.stringify(stream.retryAfter),
    mayShareTransaction: stream.mayShareTransaction ? 1 : 0,
    sendsReports: stream.sendsReports ? 1 : 0,
    fromDomains: JSON.stringify(stream.fromDomains),
    addsUnsubscribe: stream.addsUnsubscribe ? 1 : 0,
    forwardsReports: stream.forwardsReports ? 1 : 0,
    isSandbox: stream.isSandbox ? 1 : 0,
    isDefault: stream.isDefault ? 1 : 0,
    suppressesOn: JSON.stringify(stream.suppressesOn),
    tracks: JSON.stringify(stream.tracks),
  }
}

export function streamOf(row: StreamRow): Stream {
  const waits = JSON.parse(row.retryAfter) as readonly number[]
  return {
    ...row,
    retryAfter: waits.map(ms),
    mayShareTransaction: row.mayShareTransaction === 1,
    sendsReports: row.sendsReports === 1,
    fromDomains: JSON.parse(row.fromDomains) as Domain[],
    addsUnsubscribe: row.addsUnsubscribe === 1,
    forwardsReports: row.forwardsReports === 1,
    isSandbox: row.isSandbox === 1,
    isDefault: row.isDefault === 1,
    suppressesOn: JSON.parse(row.suppressesOn) as Stream['suppressesOn'],
    tracks: JSON.parse(row.tracks) as Stream['tracks'],
  }
}

export function domainRowOf(domain: SendingDomain): DomainRow {
  return { ...domain, lacks: JSON.stringify(domain.lacks) }
}

export function domainOfRow(row: DomainRow): SendingDomain {
  return { ...row, lacks: JSON.parse(row.lacks) as SendingDomain['lacks'] }
}

export function signingKeyRowOf(key: SigningKey): SigningKeyRow {
  return { ...key, isProof: key.isProof ? 1 : 0 }
}

export function signingKeyOf(row: SigningKeyRow): SigningKey {
  return { ...row, isProof: row.isProof === 1 }
}

export function credentialRowOf(credential: Credential): CredentialRow {
  return {
    ...credential,
    isSandbox: credential.isSandbox ? 1 : 0,
    isDisabled: credential.isDisabled ? 1 : 0,
  }
}

export function credentialOf(row: CredentialRow): Credential {
  return { ...row, isSandbox: row.isSandbox === 1, isDisabled: row.isDisabled === 1 }
}

export function apiKeyRowOf(key: ApiKey): ApiKeyRow {
  return {
    ...key,
    scopes: JSON.stringify(key.scopes),
    allowedFrom: JSON.stringify(key.allowedFrom),
  }
}

export function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    ...row,
    scopes: JSON.parse(row.scopes) as ApiKey['scopes'],
    allowedFrom: JSON.parse(row.allowedFrom) as ApiKey['allowedFrom'],
  }
}
