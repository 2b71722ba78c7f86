// SPDX-License-Identifier: Apache-2.0
/** When a sending domain was looked up in the DNS, and when it will be again. Beside the domain, for it is written often. */
import type { Instant } from '../../base/brand.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { Slug } from '../records.ts'
import type { Absence } from './domain-state.ts'

export interface DomainCheckup {
  readonly tenant: Slug
  readonly name: Domain
  readonly checkedAt: Instant
  readonly nextCheckAt: Instant
  readonly absences: readonly Absence[]
}

export interface DomainCheckupRecords {
  /** `null`: it was never looked up. */
  of(tenant: Slug, name: Domain): Promise<DomainCheckup | null>
  /** Domains that are to be looked up by then, at most `limit`; those that never were come first. */
  due(by: Instant, limit: number): Promise<readonly Pick<DomainCheckup, 'tenant' | 'name'>[]>
  /** Not counted as a change of records. Goes with its domain. */
  put(checkup: DomainCheckup): Promise<void>
}
