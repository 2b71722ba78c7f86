// SPDX-License-Identifier: Apache-2.0
/** Sending domains with their DKIM keys and the DNS records that belong to them. */
import { RelayError } from '../base/errors.ts'
import { type DnsRecord, dnsRecordsOf, type SendingHost } from './dns-records.ts'
import { alreadyThere, domainFor, unknownRecord } from './naming.ts'
import type { SendingDomain, SigningKey } from './records.ts'
import type { RecordsContext } from './records-context.ts'
import { generateSigningKeys, importSigningKey } from './signing-keys.ts'
import type { Store } from './store.ts'
import { reaches, type TenantScope } from './tenant-scope.ts'
import { tenantOf } from './tenant-service.ts'

export interface NewDomain {
  readonly name: string
  /** `null`: `bounce.<name>`. */
  readonly returnPathDomain: string | null
  /** A key that was made elsewhere, in place of new ones. */
  readonly importedKey: { readonly selector: string; readonly pem: string } | null
}

export interface DomainView {
  readonly domain: SendingDomain
  readonly keys: readonly SigningKey[]
  /** What its owner publishes. */
  readonly dns: readonly DnsRecord[]
}

export async function addDomain(
  context: RecordsContext,
  scope: TenantScope,
  input: NewDomain,
  host: SendingHost,
): Promise<DomainView> {
  const name = domainFor('domain to send from', input.name)
  const returnPathDomain = domainFor(
    'return-path domain',
    input.returnPathDomain ?? `bounce.${name}`,
  )
  if (returnPathDomain === name)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `the return path needs a domain of its own, such as "bounce.${name}": its MX is this relay`,
    )
  const keys =
    input.importedKey === null
      ? await generateSigningKeys(context, name)
      : [importSigningKey(context, name, input.importedKey.selector, input.importedKey.pem)]
  return context.store.transaction(async (store) => {
    const tenant = await tenantOf(store, scope)
    const other = (await store.domains.list()).find((domain) => domain.name === name)
    if (other)
      throw reaches(scope, other.tenant)
        ? alreadyThere(`domain "${name}" of tenant "${other.tenant}"`)
        : new RelayError('RLY_RECORD_EXISTS', `domain "${name}" cannot be added here`)
    const domain: SendingDomain = {
      tenant: tenant.id,
      name,
      returnPathDomain,
      createdAt: context.clock.now(),
    }
    await store.domains.put(domain)
    for (const key of keys) await store.signingKeys.put(key)
    return { domain, keys, dns: dnsRecordsOf(domain, keys, host) }
  })
}

export async function listDomains(
  store: Store,
  scope: TenantScope,
): Promise<readonly SendingDomain[]> {
  return (await store.domains.list()).filter(({ tenant }) => reaches(scope, tenant))
}

export async function showDomain(
  store: Store,
  scope: TenantScope,
  name: string,
  host: SendingHost,
): Promise<DomainView> {
  const domain = await domainNamed(store, scope, name)
  const keys = (await store.signingKeys.list()).filter((key) => key.domain === domain.name)
  return { domain, keys, dns: dnsRecordsOf(domain, keys, host) }
}

/** Its keys go with it. */
export async function removeDomain(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
): Promise<SendingDomain> {
  return context.store.transaction(async (store) => {
    const domain = await domainNamed(store, scope, name)
    await store.domains.remove(domain.name)
    return domain
  })
}

async function domainNamed(store: Store, scope: TenantScope, text: string): Promise<SendingDomain> {
  const name = domainFor('domain to send from', text)
  const domains = await listDomains(store, scope)
  const found = domains.find((domain) => domain.name === name)
  if (found) return found
  throw unknownRecord(
    'domain',
    name,
    domains.map((domain) => domain.name),
  )
}
