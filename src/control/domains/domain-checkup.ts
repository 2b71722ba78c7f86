// SPDX-License-Identifier: Apache-2.0
/** Looks a sending domain up, writes down what that comes to for it and its keys, and tells what has changed. */
import type { DurationMs } from '../../base/brand.ts'
import type { DomainFacts } from '../../events/domain-event.ts'
import {
  type DomainView,
  domainNamed,
  domainViewOf,
  showDomain,
} from '../../records/domains/domain-service.ts'
import { assessDomain, type Findings } from '../../records/domains/domain-state.ts'
import {
  longestQueueAge,
  type RotationSettings,
  type RotationStep,
  rotationStep,
} from '../../records/domains/key-rotation.ts'
import type { SendingDomain, SigningKey } from '../../records/records.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Store } from '../../records/store.ts'
import { type TenantScope, tenantScope } from '../../records/tenant-scope.ts'
import { nextCheckAt } from '../checkup-schedule.ts'
import { checkDomain, findingsOf, SEEN, seenKeysOf } from './domain-check.ts'
import { retiredFacts, rotatedFacts, stateFacts } from './domain-facts.ts'
import type { CheckedRecord, DomainCheckContext } from './record-checks.ts'

export interface CheckupContext extends Omit<DomainCheckContext, 'clock'> {
  readonly records: RecordsContext
  readonly rotation: RotationSettings
  /** Makes an event of it. */
  readonly tell: (facts: DomainFacts) => Promise<void>
}

export interface CheckupReport {
  readonly domain: SendingDomain
  readonly keys: readonly SigningKey[]
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
  const { domain, keys, facts } = await records.store.transaction((store) =>
    writeDown({ ...context, records: { ...records, store } }, view, checked),
  )
  for (const fact of facts) await tell(fact)
  return { domain, keys, checked }
}

interface WrittenDown {
  readonly domain: SendingDomain
  readonly keys: readonly SigningKey[]
  readonly facts: readonly DomainFacts[]
}

/** The domain and its keys may have changed meanwhile, or be gone: `RLY_RECORD_UNKNOWN`. */
async function writeDown(
  { host, records: { clock, random, store }, rotation }: CheckupContext,
  { domain: { tenant, name } }: DomainView,
  checked: readonly CheckedRecord[],
): Promise<WrittenDown> {
  const now = clock.now()
  const found = await domainNamed(store, tenantScope(tenant), name)
  const { keys } = await domainViewOf(store, found, host)
  const age = await longestAgeOf(store, tenant, keys, rotation)
  const step = rotationStep(keys, seenKeysOf(checked), now, age)
  const findings = findingsAfter(step, findingsOf(checked))
  const before = await store.domainCheckups.of(tenant, name)
  const { domain, absences, entered } = assessDomain(
    step.hasSwitched ? { ...found, rotationAskedAt: null } : found,
    before?.absences ?? [],
    findings,
    now,
    await isVerifiedElsewhere(store, found),
  )
  for (const key of step.keys) if (!keys.includes(key)) await store.signingKeys.put(key)
  for (const key of step.removed) await store.signingKeys.remove(tenant, name, key.selector)
  // What is written makes every process read the records again.
  if (!isSame(domain, found)) await store.domains.put(domain)
  await store.domainCheckups.put({
    ...{ tenant, name, checkedAt: now, absences },
    nextCheckAt: nextCheckAt({ domain, absences, findings }, now, random),
  })
  const facts = [
    ...(step.hasSwitched ? [rotatedFacts(domain, step.keys)] : []),
    ...(step.removed.length > 0 ? [retiredFacts(domain, step.removed)] : []),
    ...(entered === null ? [] : [stateFacts(domain, entered)]),
  ]
  return { domain, keys: step.keys, facts }
}

/** Streams are read only where it matters. */
async function longestAgeOf(
  store: Store,
  tenant: SendingDomain['tenant'],
  keys: readonly SigningKey[],
  rotation: RotationSettings,
): Promise<DurationMs> {
  const isWaited = keys.some(({ state }) => state === 'retiring')
  const streams = isWaited ? await store.streams.list() : []
  return longestQueueAge(
    streams.filter((stream) => stream.tenant === tenant),
    rotation,
  )
}

/** The keys that sign now were seen as the next ones. */
function findingsAfter({ hasSwitched }: RotationStep, findings: Findings): Findings {
  if (!hasSwitched) return findings
  return new Map([...findings, ['dkim', SEEN] as const].filter(([kind]) => kind !== 'dkim-next'))
}

async function isVerifiedElsewhere(
  store: Store,
  { tenant, name }: SendingDomain,
): Promise<boolean> {
  const all = await store.domains.named(name)
  return all.some((other) => other.tenant !== tenant && other.state === 'verified')
}

function isSame(one: SendingDomain, other: SendingDomain): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
