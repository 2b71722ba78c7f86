// SPDX-License-Identifier: Apache-2.0
/**
 * All records in memory, frozen: what accepting and sending look things up in, synchronously. Made anew when the
 * store's version changes.
 */
import type { GateCheck } from '../events/gate-check.ts'
import type { Domain } from '../protocol/mailbox.ts'
import type { BrakeRecord } from './brake.ts'
import type { Campaign } from './campaigns/campaign.ts'
import { campaignsByKey } from './campaigns/campaign-service.ts'
import { standingOf } from './domains/domain-standing.ts'
import type { Quota } from './quotas/quota.ts'
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
import type { SourceRecord } from './source.ts'
import { type StandingStateName, standingKey } from './standing.ts'
import type { Store } from './store.ts'
import { type WarmUpAllowance, warmUpKey } from './warm-up.ts'

export interface Directory {
  readonly tenants: ReadonlyMap<Slug, Tenant>
  /** By name, of whoever has it verified, or else set it up first. */
  readonly domains: ReadonlyMap<Domain, SendingDomain>
  readonly verifiedDomains: ReadonlyMap<Domain, SendingDomain>
  /** That somebody may get in with: not those that are disabled. */
  readonly credentials: ReadonlyMap<CredentialId, Credential>
  readonly apiKeys: ReadonlyMap<ApiKeyId, ApiKey>
  readonly suspensions: readonly Suspension[]
  readonly brakes: readonly BrakeRecord[]
  /** About which something is decided: by `campaignKey`. */
  readonly campaigns: ReadonlyMap<string, Campaign>
  /** What may go a day from a source to a provider: by `warmUpKey`. */
  readonly warmUps: ReadonlyMap<string, WarmUpAllowance>
  /** Some source is not warm yet somewhere. */
  readonly hasColdSources: boolean
  readonly quotas: readonly Quota[]
  /** Of those tenants in shared pools that are quarantined or held: by `standingKey`. */
  readonly standings: ReadonlyMap<string, StandingStateName>
  /** By name; one that is missing sends. */
  readonly sources: ReadonlyMap<string, SourceRecord>
  /** Some credential was made for SCRAM. */
  readonly offersScram: boolean
  stream(tenant: Slug, name: Slug): Stream | null
  streamsOf(tenant: Slug): readonly Stream[]
  /** By each of their From domains; most tenants have none. */
  streamsByFrom(tenant: Slug): ReadonlyMap<Domain, Stream>
  /** The stream of a submitter who names none; every tenant has one. */
  defaultStream(tenant: Slug): Stream | null
  domainsOf(tenant: Slug): ReadonlyMap<Domain, SendingDomain>
  /** That sign for it. */
  keysOf(domain: SendingDomain): readonly SigningKey[]
  /** What the gate would say of its mail; one of `domains` or `domainsOf`. */
  standingOf(domain: SendingDomain): readonly GateCheck[]
}

const NONE_BY_FROM: ReadonlyMap<Domain, Stream> = new Map()
const NO_DOMAINS: ReadonlyMap<Domain, SendingDomain> = new Map()

export async function readDirectory(store: Store): Promise<Directory> {
  const [
    tenants,
    streams,
    domains,
    keys,
    credentials,
    apiKeys,
    suspensions,
    brakes,
    campaigns,
    warmUps,
    quotas,
    standings,
    sources,
  ] = await Promise.all([
    store.tenants.list(),
    store.streams.list(),
    store.domains.list(),
    store.signingKeys.list(),
    store.credentials.list(),
    store.apiKeys.list(),
    store.suspensions.list(),
    store.brakes.list(),
    store.campaigns.list(),
    store.warmUps.allowances(),
    store.quotas.list(),
    store.standings.effects(),
    store.sources.list(),
  ])
  const streamsByName = new Map(
    streams.map((stream) => [`${stream.tenant}/${stream.name}`, stream]),
  )
  const defaults = new Map(
    streams.filter((stream) => stream.isDefault).map((stream) => [stream.tenant, stream]),
  )
  const streamsByTenant = Map.groupBy(streams, ({ tenant }) => tenant)
  const byFrom = new Map(
    [...streamsByTenant].map(([tenant, own]) => [
      tenant,
      new Map(own.flatMap((stream) => stream.fromDomains.map((name) => [name, stream] as const))),
    ]),
  )
  const domainsByTenant = Map.groupBy(domains, ({ tenant }) => tenant)
  const ownDomains = new Map([...domainsByTenant].map(([tenant, own]) => [tenant, byName(own)]))
  const verified = domains.filter(({ state }) => state === 'verified')
  const byAge = domains.toSorted((one, other) => other.createdAt - one.createdAt)
  const keysByDomain = Map.groupBy(
    keys.filter(({ state }) => state === 'active'),
    ({ tenant, domain }) => `${tenant}/${domain}`,
  )
  const keysOf = ({ tenant, name }: SendingDomain) => keysByDomain.get(`${tenant}/${name}`) ?? []
  const domainsOf = (tenant: Slug) => ownDomains.get(tenant) ?? NO_DOMAINS
  const judge = (domain: SendingDomain) =>
    standingOf(domain, keysOf(domain), domainsOf(domain.tenant))
  const ofDomains = new Map(domains.map((domain) => [domain, judge(domain)]))
  return {
    tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])),
    // The last one of a name stays.
    domains: byName([...byAge, ...verified]),
    verifiedDomains: byName(verified),
    credentials: new Map(
      credentials
        .filter(({ isDisabled }) => !isDisabled)
        .map((credential) => [credential.id, credential]),
    ),
    apiKeys: new Map(apiKeys.map((key) => [key.id, key])),
    suspensions,
    brakes,
    campaigns: campaignsByKey(campaigns),
    warmUps: new Map(warmUps.map((each) => [warmUpKey(each.source, each.provider), each])),
    hasColdSources: warmUps.some(({ state }) => state !== 'warm'),
    quotas,
    standings: new Map(
      standings.map(({ pool, state, tenant }) => [standingKey(tenant, pool), state]),
    ),
    sources: new Map(sources.map((each) => [each.name, each])),
    offersScram: credentials.some(
      ({ sealedScram, isDisabled }) => sealedScram !== null && !isDisabled,
    ),
    stream: (tenant, name) => streamsByName.get(`${tenant}/${name}`) ?? null,
    streamsOf: (tenant) => streamsByTenant.get(tenant) ?? [],
    streamsByFrom: (tenant) => byFrom.get(tenant) ?? NONE_BY_FROM,
    defaultStream: (tenant) => defaults.get(tenant) ?? null,
    domainsOf,
    keysOf,
    standingOf: (domain) => ofDomains.get(domain) ?? judge(domain),
  }
}

function byName(domains: readonly SendingDomain[]): ReadonlyMap<Domain, SendingDomain> {
  return new Map(domains.map((domain) => [domain.name, domain]))
}
