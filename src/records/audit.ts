// SPDX-License-Identifier: Apache-2.0
/** The audit log: who changed what, by the API or the command line. Never changed; removed by age alone. */
import type { Instant } from '../base/brand.ts'
import type { Slug } from './records.ts'
import type { TenantScope } from './tenant-scope.ts'

export const actorKinds = ['person', 'key', 'local', 'nobody'] as const

export interface AuditEntry {
  /** Grows. The store gives it. */
  readonly id: number
  readonly at: Instant
  /** Whose records it was about; `null`: the installation's, or those of several tenants. */
  readonly tenant: Slug | null
  /** `local`: the command line on this host. `nobody`: who has not logged in yet. */
  readonly actorKind: (typeof actorKinds)[number]
  /** Of the person or key; empty where there is none. */
  readonly actor: string
  /** As they were called then. */
  readonly actorName: string
  /** Without port. */
  readonly address: string
  /** Id of the route: `domains.add`. */
  readonly action: string
  /** What it was done to, as the route's path names it: `example.com`; empty where it names nothing. */
  readonly target: string
  /** JSON of the record before and after, as the API shows it, so without secrets; `null` where there is none. */
  readonly before: string | null
  readonly after: string | null
}

export interface AuditFilter {
  readonly scope: TenantScope
  readonly actor: string | null
  readonly action: string | null
  readonly since: Instant | null
}

export interface AuditPage {
  readonly order: 'newest' | 'oldest'
  readonly limit: number
  /** Id of the last entry of the page before. */
  readonly after: number | null
}

/** The part of the store that keeps them. No change of the records. */
export interface AuditRecords {
  add(entry: Omit<AuditEntry, 'id'>): Promise<void>
  list(filter: AuditFilter, page: AuditPage): Promise<readonly AuditEntry[]>
  /** At most `limit`. Gives how many. */
  removeOlder(than: Instant, limit: number): Promise<number>
}
