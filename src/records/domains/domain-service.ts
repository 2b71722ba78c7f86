// SPDX-License-Identifier: Apache-2.0
/** Sending domains with their DKIM keys and the DNS records that belong to them. */
import { encodeCrockford } from '../../base/crockford.ts'
import { RelayError } from '../../base/errors.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { alreadyThere, domainFor, unknownRecord } from '../naming.ts'
import { lackedAtFirst, type SendingDomain, type SigningKey } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { reaches, type TenantScope, tenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import { type DnsRecord, dnsRecordsOf, type SendingHost } from './dns-records.ts'
import { checkHosts } from './foreign-hosts.ts'
import { generateSigningKeys, importSigningKey } from './signing-keys.ts'

const OWNERSHIP_OCTETS = 16
const NOT_LOOKED_UP = 'Nothing of it has been looked up in the DNS yet.'

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
  const returnPathDomain = returnPathDomainFor(name, input.returnPathDomain ?? `bounce.${name}`)
  const trackingDomain = domainFor('tracking domain', `click.${name}`)
  const owner = { tenant: (await tenantOf(context.store, scope)).id, domain: name }
  const keys =
    input.importedKey === null
      ? await generateSigningKeys(context, owner)
      : [importSigningKey(context, owner, input.importedKey.selector, input.importedKey.pem)]
  return context.store.transaction(async (store) => {
    const { id: tenant } = await tenantOf(store, tenantScope(owner.tenant))
    const all = await store.domains.list()
    if (all.some((domain) => domain.tenant === tenant && domain.name === name))
      throw alreadyThere(`domain "${name}" of tenant "${tenant}"`)
    const domain: SendingDomain = {
      tenant,
      name,
      returnPathDomain,
      trackingDomain,
      ownershipToken: encodeCrockford(context.random.bytes(OWNERSHIP_OCTETS)),
      state: 'pending',
      stateReason: NOT_LOOKED_UP,
      lacks: lackedAtFirst,
      verifiedAt: null,
      rotationAskedAt: null,
      createdAt: context.clock.now(),
    }
    checkHosts(domain, all)
    await store.domains.put(domain)
    for (const key of keys) await store.signingKeys.put(key)
    return { domain, keys, dns: dnsRecordsOf(domain, keys, host) }
  })
}

export function returnPathDomainFor(name: Domain, text: string): Domain {
  const domain = domainFor('return-path domain', text)
  if (domain !== name) return domain
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `the return path needs a domain of its own, such as "bounce.${name}": its MX is this relay`,
  )
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
  return domainViewOf(store, await domainNamed(store, scope, name), host)
}

export async function domainViewOf(
  store: Store,
  domain: SendingDomain,
  host: SendingHost,
): Promise<DomainView> {
  const keys = await store.signingKeys.of(domain.tenant, domain.name)
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
    await store.domains.remove(domain.tenant, domain.name)
    return domain
  })
}

/** `RLY_RECORD_UNKNOWN`, with the nearest name that is there. */
export async function domainNamed(
  store: Store,
  scope: TenantScope,
  text: string,
): Promise<SendingDomain> {
  const name = domainFor('domain to send from', text)
  const all = await store.domains.named(name)
  const [found, another] = all.filter(({ tenant }) => reaches(scope, tenant))
  if (found && another)
    throw new RelayError(
      'RLY_RECORD_INVALID',
      `say whose domain "${name}" is meant: that of tenant "${found.tenant}" or of "${another.tenant}"`,
    )
  if (found) return found
  const others = await listDomains(store, scope)
  throw unknownRecord(
    'domain',
    name,
    others.map((domain) => domain.name),
  )
}
