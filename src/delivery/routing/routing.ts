// SPDX-License-Identifier: Apache-2.0
/**
 * From a domain to the site that takes its mail: the sandbox's to the simulated receiver; else by configured routes, then by MX
 * records, then by the domain's own addresses (RFC 5321 §5.1). What the DNS says for good is permanent; what it cannot say now is transient.
 */
import { isIP } from 'node:net'
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { dnsLimits } from '../../base/limits/limits.ts'
import { TtlCache } from '../../base/ttl-cache.ts'
import type { Answer, MxRecord, Resolver } from '../../dns/resolver.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import {
  isNullMx,
  literalSiteName,
  type MxHost,
  type SiteName,
  siteName,
} from '../../protocol/mx.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import { SANDBOX_DOMAIN } from '../../spool/sandbox.ts'
import { type FirstHosts, firstHosts, type HostAddresses, nothingKnown } from './first-hosts.ts'
import {
  type FixedSite,
  RoutingRules,
  type RoutingSettings,
  type TlsRule,
} from './routing-rules.ts'

export interface SiteRoute extends TlsRule {
  readonly kind: 'site'
  readonly site: SiteName
  /** At least one, as published; `orderHosts` puts them in the order of an attempt. */
  readonly hosts: readonly MxHost[]
  /** Of the most preferred ones, where shaping rules ask for them: what they were when the route was found. */
  readonly addresses: HostAddresses
  readonly port: number
  /** Pattern of the shaping rule that makes the domain a site of its own; `null`: none does. */
  readonly domainRule: string | null
  /** Somebody vouches for the names of the hosts: the operator, or DNSSEC. */
  readonly isSure: boolean
  /** The pool whose sources it is reached from; `null`: that of the stream. */
  readonly pool: string | null
  /** The operator names the host: it may be where no mail goes by the DNS. */
  readonly isConfigured: boolean
  /** Monotonic: when the route must be looked up again; `Infinity` for what is configured. */
  readonly freshUntil: DurationMs
}

export type RouteResult =
  | SiteRoute
  /** The domain cannot have mail: bounce. */
  | { readonly kind: 'permanent'; readonly reply: Reply }
  /** The DNS fails: 451 4.4.3. */
  | { readonly kind: 'transient'; readonly reply: Reply }

export interface RouterOptions {
  readonly resolver: Resolver
  readonly clock: Clock
  readonly rules: RoutingSettings
  /** Opens the simulated receiver, the first time, and gives its port at loopback. */
  readonly sandboxPort: () => Promise<number>
  /** Of receivers found by DNS; default 25. */
  readonly port?: number
}

/** Of the one source that reaches the simulated receiver, and nothing else. */
export const SANDBOX_POOL = 'sandbox'

/** What was found, and for how long it holds. */
interface Found {
  readonly result: RouteResult
  readonly ttl: DurationMs
}

/** What leads to a site. */
interface Way {
  readonly domain: Domain
  readonly site: SiteName
  readonly hosts: readonly MxHost[]
  readonly isSure: boolean
}

type FoundMx = Extract<Answer<MxRecord>, { kind: 'found' }>

const SMTP_PORT = 25
const FOREVER = ms(Number.POSITIVE_INFINITY)

export class Router {
  readonly #resolver: Resolver
  readonly #clock: Clock
  #rules: RoutingRules
  readonly #port: number
  readonly #sandboxPort: () => Promise<number>
  readonly #known: TtlCache<RouteResult>

  constructor({ resolver, clock, rules, port, sandboxPort }: RouterOptions) {
    this.#resolver = resolver
    this.#clock = clock
    this.#rules = new RoutingRules(rules)
    this.#port = port ?? SMTP_PORT
    this.#sandboxPort = sandboxPort
    this.#known = new TtlCache(clock, dnsLimits.knownRoutes)
  }

  /** After a reload: what was known by the old rules is asked again. */
  replaceRules(rules: RoutingSettings): void {
    this.#rules = new RoutingRules(rules)
    this.#known.clear()
  }

  /** What `route` found, while it holds; `null` where it must be asked. Once a message. */
  known(domain: Domain): RouteResult | null {
    return this.#known.get(domain)?.value ?? null
  }

  /** Never rejects. */
  async route(domain: Domain): Promise<RouteResult> {
    for (;;) {
      const known = this.known(domain)
      if (known !== null) return known
      const rules = this.#rules
      const { result, ttl } = await this.#find(domain)
      // Where rules were replaced meanwhile, it was found by those of before.
      if (rules !== this.#rules) continue
      this.#known.set(domain, result, ttl)
      return result
    }
  }

  async #find(domain: Domain): Promise<Found> {
    if (domain === SANDBOX_DOMAIN) return this.#toSandbox()
    const fixed = this.#rules.routeOf(domain)
    if (fixed !== null) return this.#configured(domain, fixed)
    return domain.startsWith('[') ? this.#literal(domain) : this.#byMx(domain)
  }

  /** Whatever else is configured: none of its mail leaves, and no rule is about it. */
  async #toSandbox(): Promise<Found> {
    try {
      const port = await this.#sandboxPort()
      const hosts = [{ name: SANDBOX_DOMAIN, preference: 0 }]
      const site = SANDBOX_DOMAIN as string as SiteName
      const route = this.#site({ domain: SANDBOX_DOMAIN, site, hosts, isSure: true }, nothingKnown)
      const own = {
        site,
        port,
        pool: SANDBOX_POOL,
        tls: 'none',
        tlsNames: [],
        domainRule: null,
      } as const
      return { result: { ...route, ...own, isConfigured: true }, ttl: FOREVER }
    } catch (thrown) {
      // No port, no file for it: it is tried again.
      return transient(`The simulated receiver cannot be opened: ${messageOf(thrown)}`)
    }
  }

  async #configured(domain: Domain, { host, port, site }: FixedSite): Promise<Found> {
    const hosts = [{ name: host, preference: 0 }]
    const { result, ttl } = await this.#toSite({ domain, site, hosts, isSure: true }, FOREVER)
    return { result: { ...result, port, isConfigured: true }, ttl }
  }

  /** RFC 5321 §4.1.3: `[192.0.2.1]`, `[ipv6:2001:db8::1]`. */
  async #literal(domain: Domain): Promise<Found> {
    const address = domain.slice(1, -1).replace(/^ipv6:/, '')
    if (isIP(address) === 0)
      return permanent(550, '5.1.3', `${domain} is no address literal that can be read`, FOREVER)
    const hosts = [{ name: address, preference: 0 }]
    return this.#toSite({ domain, site: literalSiteName(domain), hosts, isSure: true }, FOREVER)
  }

  async #byMx(domain: Domain): Promise<Found> {
    const answer = await this.#resolver.mx(domain)
    switch (answer.kind) {
      case 'failed':
        return transient(`MX of ${domain} cannot be looked up: ${answer.text}`)
      case 'no-such-domain':
        return noSuchDomain(domain, answer.ttl)
      case 'none':
        return this.#byAddress(domain, answer)
      case 'found':
        return this.#fromMx(domain, answer)
    }
  }

  async #fromMx(domain: Domain, { records, secure, ttl }: FoundMx): Promise<Found> {
    const published = records.map(({ exchange, preference }) => ({ name: exchange, preference }))
    if (isNullMx(published))
      return permanent(556, '5.1.10', `Recipient address has null MX: ${domain} takes no mail`, ttl)
    const named = published.filter(({ name }) => name !== '' && isIP(name) === 0)
    if (named.length === 0)
      return permanent(550, '5.4.4', `The MX of ${domain} is no host name`, ttl)
    const hosts = mostPreferred(named)
    const site = siteName(hosts.map((host) => host.name))
    return this.#toSite({ domain, site, hosts, isSure: secure }, ttl)
  }

  /** The implicit MX: the domain is its own host, if it has an address. */
  async #byAddress(domain: Domain, noMx: Pick<FoundMx, 'ttl' | 'secure'>): Promise<Found> {
    let { ttl } = noMx
    for (const family of [4, 6] as const) {
      const answer = await this.#resolver.addresses(domain, family)
      if (answer.kind === 'failed')
        return transient(`Addresses of ${domain} cannot be looked up: ${answer.text}`)
      ttl = ms(Math.min(ttl, answer.ttl))
      if (answer.kind === 'no-such-domain') return noSuchDomain(domain, answer.ttl)
      if (answer.kind !== 'found') continue
      const hosts = [{ name: domain, preference: 0 }]
      return this.#toSite({ domain, site: siteName([domain]), hosts, isSure: noMx.secure }, ttl)
    }
    const nowhere = `Domain ${domain} has neither MX nor address records`
    return permanent(550, '5.1.2', nowhere, ttl)
  }

  /** `ttl`: of what led to the hosts; where rules go by their addresses, those must be known as well. */
  async #toSite(way: Way, ttl: DurationMs): Promise<Found & { readonly result: SiteRoute }> {
    const found = await firstHosts(way.hosts, this.#rules.addressFamilies, this.#resolver)
    const shorter = ms(Math.min(ttl, found.ttl))
    return { result: this.#site(way, { ...found, ttl: shorter }), ttl: shorter }
  }

  #site({ domain, hosts, isSure, site }: Way, { addresses, ttl }: FirstHosts): SiteRoute {
    const rule = this.#rules.tlsOf(domain)
    const domainRule = this.#rules.domainRuleOf(domain)
    return {
      kind: 'site',
      site: this.#rules.nameOf(site, rule, domainRule),
      domainRule,
      hosts,
      addresses,
      port: this.#port,
      isSure: isSure || rule.tlsNames.length > 0,
      isConfigured: false,
      pool: null,
      ...this.#rules.tlsAt(rule, { hosts, addresses, domainRule }),
      freshUntil: ms(this.#clock.monotonic() + ttl),
    }
  }
}

/** In a definite order, so that the same records make the same site; each host once, a bounded number. */
function mostPreferred(hosts: readonly MxHost[]): MxHost[] {
  const ordered = hosts.toSorted(
    (a, b) => a.preference - b.preference || (a.name < b.name ? -1 : 1),
  )
  const byName = new Map<string, MxHost>()
  for (const host of ordered) if (!byName.has(host.name)) byName.set(host.name, host)
  return [...byName.values()].slice(0, dnsLimits.mxHosts)
}

function noSuchDomain(domain: Domain, ttl: DurationMs): Found {
  return permanent(550, '5.1.2', `Domain ${domain} does not exist`, ttl)
}

function permanent(code: number, enhanced: string, text: string, ttl: DurationMs): Found {
  return { result: { kind: 'permanent', reply: reply(code, enhanced, text) }, ttl }
}

/** Asked again by whoever wants to know. */
function transient(text: string): Found {
  return { result: { kind: 'transient', reply: reply(451, '4.4.3', text) }, ttl: ms(0) }
}
