// SPDX-License-Identifier: Apache-2.0
/** Looks a sending domain up, writes down what that comes to, and tells where its state has changed. */
import type { DomainFacts } from '../events/domain-event.ts'
import type { DomainCheckup } from '../records/domain-checkup.ts'
import { type DomainView, domainNamed, showDomain } from '../records/domain-service.ts'
import { type Assessment, assessDomain, type Findings } from '../records/domain-state.ts'
import type { SendingDomain } from '../records/records.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { Store } from '../records/store.ts'
import { type TenantScope, tenantScope } from '../records/tenant-scope.ts'
import { nextCheckAt } from './checkup-schedule.ts'
import { checkDomain, findingsOf } from './domain-check.ts'
import type { CheckedRecord, DomainCheckContext } from './record-checks.ts'

export interface CheckupContext extends Omit<DomainCheckContext, 'clock'> {
  readonly records: RecordsContext
  /** Makes an event of it. */
  readonly tell: (facts: DomainFacts) => Promise<void>
}

export interface CheckupReport {
  readonly domain: SendingDomain
  readonly checked: readonly CheckedRecord[]
}

export async function checkUpDomain(
  context: CheckupContext,
  scope: TenantScope,
  name: string,
): Promise<CheckupReport> {
  const { host, records, tell } = context
  const view = await showDomain(records.store, scope, name, host)
  const checked = await checkDomain({ ...context, clock: records.clock }, view)
  const { domain, entered } = await records.store.transaction((store) =>
    writeDown({ ...records, store }, view, findingsOf(checked)),
  )
  if (entered !== null) await tell(factsOf(domain))
  return { domain, checked }
}

/** The domain may have changed meanwhile, or be gone: `RLY_RECORD_UNKNOWN`. */
async function writeDown(
  { clock, random, store }: RecordsContext,
  seen: DomainView,
  findings: Findings,
): Promise<Assessment> {
  const { tenant, name } = seen.domain
  const domain = await domainNamed(store, tenantScope(tenant), name)
  const now = clock.now()
  const before = await store.domainCheckups.of(tenant, name)
  const assessment = assessDomain(
    domain,
    before?.absences ?? [],
    findings,
    now,
    await isVerifiedElsewhere(store, domain),
  )
  if (!isSame(domain, assessment.domain)) await store.domains.put(assessment.domain)
  const checkup: DomainCheckup = {
    tenant,
    name,
    checkedAt: now,
    nextCheckAt: nextCheckAt({ ...assessment, findings }, now, random),
    absences: assessment.absences,
  }
  await store.domainCheckups.put(checkup)
  return assessment
}

async function isVerifiedElsewhere(
  store: Store,
  { tenant, name }: SendingDomain,
): Promise<boolean> {
  const all = await store.domains.list()
  return all.some(
    (other) => other.name === name && other.tenant !== tenant && other.state === 'verified',
  )
}

/** What is written makes every process read the records again. */
function isSame(one: SendingDomain, other: SendingDomain): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function factsOf({ tenant, name, state, stateReason, lacks }: SendingDomain): DomainFacts {
  return state === 'failing'
    ? {
        ...{ type: 'domain.failing', tenant, domain: name, lacks: [...lacks] },
        text: `${name} is verified no more: ${stateReason}`,
      }
    : {
        ...{ type: 'domain.verified', tenant, domain: name, lacks: [...lacks] },
        text: `${name} is verified: what it needs is in the DNS`,
      }
}
