// SPDX-License-Identifier: Apache-2.0
/** What the DNS says of a sending domain, beside what it should say, and what that comes to for each kind of record. */
import { type DnsRecord, keyName } from '../../records/domains/dns-records.ts'
import type { DomainView } from '../../records/domains/domain-service.ts'
import type { Finding, Findings } from '../../records/domains/domain-state.ts'
import type { SeenKeys } from '../../records/domains/key-rotation.ts'
import { type CheckedRecord, type DomainCheckContext, recordChecks } from './record-checks.ts'

export async function checkDomain(
  context: DomainCheckContext,
  view: DomainView,
): Promise<readonly CheckedRecord[]> {
  const checked = await Promise.all(
    view.dns.map((expected) => recordChecks[expected.about](context, expected, view.domain.name)),
  )
  const isProven = provingKeys(view).some((name) => stateAt(checked, name) === 'ok')
  return isProven ? checked.map(asProven) : checked
}

/** Of several records of a kind the worst counts: a signature whose key is missing fails. */
export function findingsOf(checked: readonly CheckedRecord[]): Findings {
  const byKind = Map.groupBy(checked, ({ expected }) => expected.about)
  return new Map(
    [...byKind].map(([kind, records]) => {
      const worst =
        records.find(({ state }) => state === 'missing' || state === 'different') ??
        records.find(({ state }) => state === 'unknown')
      return [kind, worst === undefined ? SEEN : findingOf(worst)] as const
    }),
  )
}

export const SEEN: Finding = { state: 'seen', why: null }

function findingOf({ expected: { name, type }, state, why }: CheckedRecord): Finding {
  return { state: sightOf(state), why: `${name} ${type}: ${why ?? state}` }
}

/** What was found of each key's record, by its name. */
export function seenKeysOf(checked: readonly CheckedRecord[]): SeenKeys {
  const ofKeys = checked.filter(({ expected }) => expected.about.startsWith('dkim'))
  return new Map(ofKeys.map(({ expected, state }) => [expected.name, sightOf(state)]))
}

function sightOf(state: CheckedRecord['state']): Finding['state'] {
  if (state === 'ok') return 'seen'
  return state === 'unknown' ? 'unknown' : 'absent'
}

/** Keys that nobody else can have: whoever publishes one does it for this tenant. */
function provingKeys({ keys }: DomainView): readonly string[] {
  return keys.filter(({ isProof }) => isProof).map(keyName)
}

function stateAt(checked: readonly CheckedRecord[], name: string): CheckedRecord['state'] | null {
  return checked.find(({ expected }) => expected.name === name)?.state ?? null
}

function asProven(record: CheckedRecord): CheckedRecord {
  const about: DnsRecord['about'] = record.expected.about
  return about === 'ownership' ? { ...record, state: 'ok', why: null } : record
}
