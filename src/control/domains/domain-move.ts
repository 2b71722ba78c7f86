// SPDX-License-Identifier: Apache-2.0
/**
 * Moves the return path of a sending domain, or the host of its links. What is seen in the DNS now must be seen at the new
 * place before: a change never makes a verified domain fail. What is lacking moves at once, and check-ups look for it there.
 *
 * Return paths that are on their way name the domain from before: its MX stays published until that mail has come to an end.
 */
import { RelayError } from '../../base/errors.ts'
import { type DnsRecord, dnsRecordsOf } from '../../records/domains/dns-records.ts'
import {
  type DomainView,
  domainNamed,
  domainViewOf,
  returnPathDomainFor,
} from '../../records/domains/domain-service.ts'
import { checkHosts } from '../../records/domains/foreign-hosts.ts'
import { domainFor } from '../../records/naming.ts'
import type { SendingDomain } from '../../records/records.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { type TenantScope, tenantScope } from '../../records/tenant-scope.ts'
import { type DomainCheckContext, recordChecks } from './record-checks.ts'

export interface DomainMove {
  readonly returnPathDomain?: string | undefined
  readonly trackingDomain?: string | undefined
}

/** Throws `RLY_RECORD_INVALID` where something that is seen now is not seen at the new place, with what to publish. */
export async function moveDomain(
  context: Omit<DomainCheckContext, 'clock'> & { readonly records: RecordsContext },
  scope: TenantScope,
  name: string,
  move: DomainMove,
): Promise<DomainView> {
  const { records, host } = context
  const found = await domainNamed(records.store, scope, name)
  const moved = movedTo(found, move)
  const before = new Set(
    dnsRecordsOf(found, [], host).map(({ name: at, about }) => `${about} ${at}`),
  )
  const wanted = dnsRecordsOf(moved, [], host).filter(
    ({ about, name: at }) => !before.has(`${about} ${at}`) && !found.lacks.includes(about),
  )
  await checkAll({ ...context, clock: records.clock }, wanted, found)
  return records.store.transaction(async (store) => {
    const current = await domainNamed(store, tenantScope(found.tenant), found.name)
    const domain = movedTo(current, move)
    checkHosts(domain, await store.domains.list())
    await store.domains.put(domain)
    return domainViewOf(store, domain, host)
  })
}

function movedTo(domain: SendingDomain, { returnPathDomain, trackingDomain }: DomainMove) {
  return {
    ...domain,
    ...(returnPathDomain !== undefined && {
      returnPathDomain: returnPathDomainFor(domain.name, returnPathDomain),
    }),
    ...(trackingDomain !== undefined && {
      trackingDomain: domainFor('tracking domain', trackingDomain),
    }),
  }
}

async function checkAll(
  context: DomainCheckContext,
  wanted: readonly DnsRecord[],
  { name }: SendingDomain,
): Promise<void> {
  const checked = await Promise.all(
    wanted.map((expected) => recordChecks[expected.about](context, expected, name)),
  )
  const open = checked.filter(({ state }) => state !== 'ok')
  if (open.length === 0) return
  const records = open.map(
    ({ expected: { name: at, type, value }, why, state }) =>
      `${at} ${type} "${value}" (${why ?? state})`,
  )
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `mail of ${name} relies on what would move: publish first ${records.join(', ')}`,
  )
}
