// SPDX-License-Identifier: Apache-2.0
/** Puts the way out together: resolver, routes, connector, dispatcher. */

import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { AbortSet } from '../base/abort-set.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import type { Lifecycle } from '../base/lifecycle.ts'
import { queueLimits } from '../base/limits/limits.ts'
import type { Log } from '../base/log.ts'
import type { DirectoryWatch } from '../control/directory-watch.ts'
import { DeliveryBudget } from '../delivery/delivery-budget.ts'
import type { DeliveryContext } from '../delivery/delivery-context.ts'
import { Dispatcher } from '../delivery/dispatcher.ts'
import { OutcomeRecorder, type SendReports } from '../delivery/outcome/outcome-recorder.ts'
import { returnPathOf } from '../delivery/outcome/return-path.ts'
import { HostConnector } from '../delivery/routing/connect-hosts.ts'
import { HopWatch } from '../delivery/routing/hop-watch.ts'
import { MailPools } from '../delivery/routing/mail-pools.ts'
import { Router, SANDBOX_POOL } from '../delivery/routing/routing.ts'
import type { RoutingSettings } from '../delivery/routing/routing-rules.ts'
import { TargetGuard } from '../delivery/routing/target-guard.ts'
import { RulesInForce } from '../delivery/rules-in-force.ts'
import { limitsOf } from '../delivery/site/site-shaping.ts'
import type { Resolver } from '../dns/resolver.ts'
import { StubResolver } from '../dns/stub-resolver.ts'
import { nameServer, systemResolvers } from '../dns/system-resolvers.ts'
import type { TokenSealer } from '../protocol/token.ts'
import {
  type EgressSource,
  type EgressSourceName,
  type Family,
  familiesOf,
} from '../queue/egress.ts'
import type { PooledSource } from '../queue/egress-pool.ts'
import { PoolChoice } from '../queue/pool-choice.ts'
import type { PoolRules } from '../queue/pool-rules.ts'
import type { Lessons } from '../queue/shaping/lessons.ts'
import type { ShapingRules } from '../queue/shaping/rules.ts'
import type { SuppressionCheck } from '../records/suppressions/suppression-lookup.ts'
import { SpareCalls } from '../smtp/connection-race.ts'
import { probeHop } from '../smtp/hop-probe.ts'
import { PeerNetworks } from '../smtp/peer-networks.ts'
import { SANDBOX_DOMAIN } from '../spool/sandbox.ts'
import type { Config } from './config/config.ts'
import { patternText } from './config/key-types.ts'
import { SourcesInForce } from './egress-sources.ts'
import type { InForce, LiveConfig } from './live-config.ts'
import { LiveObjects } from './live-objects.ts'
import type { OpenFileShares } from './open-files.ts'
import type { Platform } from './platform.ts'
import { memoryShares } from './process-memory.ts'
import type { SimulatedReceiver } from './sandbox/simulated-receiver.ts'
import type { Budgets } from './shared-budgets.ts'

export interface DeliverySide {
  readonly dispatcher: Dispatcher
  readonly recorder: OutcomeRecorder
  readonly router: Router
  readonly resolver: Resolver
  readonly guard: TargetGuard
  readonly budget: DeliveryBudget
  /** With what warm-ups allow. */
  readonly shaping: () => ShapingRules
  /** Those of a pool. */
  readonly sourcesOf: (pool: string | null) => readonly EgressSource[]
  readonly poolRules: () => PoolRules
  readonly lessons: Lessons
}

export interface DeliveryParts {
  readonly live: LiveConfig
  readonly platform: Platform
  readonly watch: DirectoryWatch
  readonly suppressions: SuppressionCheck
  readonly lifecycle: Lifecycle
  readonly wheel: DeadlineWheel
  readonly log: Log
  /** See `DeliveryContext.abort`. */
  readonly abort: AbortSet
  readonly sendReports: SendReports
  readonly onDiskFailure: () => void
  readonly budgets: Budgets
  readonly sealer: TokenSealer
  readonly openFiles: OpenFileShares
  readonly sandbox: Pick<SimulatedReceiver, 'port'>
  readonly announce: DeliveryContext['announce']
  readonly brakes: DeliveryContext['brakes']
  readonly credentials: DeliveryContext['credentials']
}

export async function composeDelivery(parts: DeliveryParts): Promise<DeliverySide> {
  const { live, platform, watch, lifecycle, wheel, log } = parts
  const { clock, random, spool } = platform
  const { config } = live.current
  const outgoing = new SourcesInForce(() => live.current.config)
  const servers = await resolversOf(config)
  const resolver = new StubResolver({ servers, clock, random })
  const router = new Router({
    resolver,
    clock,
    rules: rulesOf(live.current, familiesOf(outgoing.sources)),
    port: config.delivery.port,
    sandboxPort: () => parts.sandbox.port(),
  })
  const guard = guardOf(config)
  const connector = new HostConnector({
    resolver,
    guard,
    random,
    clock,
    wheel,
    spareCalls: new SpareCalls(parts.openFiles.spareCalls),
    authorities: authoritiesOf(config),
  })
  const recorder = new OutcomeRecorder({
    spool,
    sendReports: parts.sendReports,
    clock,
    log,
    node: config.nodeName,
    onDiskFailure: parts.onDiskFailure,
  })
  const pooled = (pool: string) =>
    pool === SANDBOX_POOL ? SANDBOX : outgoing.pools.sourcesOf(pool)
  const sourcesOf = (pool: string | null) =>
    pool === null ? outgoing.sources : pooled(pool).map(({ item }) => item)
  const { windowTotal, outgoingOctets } = memoryShares(config.maxMemory)
  const objects = new LiveObjects(config.maxMemory, lifecycle.signal)
  const budget = new DeliveryBudget(
    windowTotal,
    outgoingOctets,
    parts.openFiles.connections,
    () => objects.areMany || spool.inHandCount() >= windowTotal * queueLimits.envelopesPerRecipient,
  )
  const inForce = new RulesInForce(
    () => live.current.shaping,
    () => watch.directory,
  )
  const shaping = () => inForce.current
  const hops = new HopWatch({
    clock,
    lifecycle,
    announce: parts.announce,
    probe: (hop, localAddress) =>
      probeHop(hop, localAddress, wheel, live.current.config.delivery.timeouts.connect),
    sourceOf: (name) => outgoing.sources.find((source) => source.name === name) ?? null,
  })
  const pools = new PoolChoice(() => live.current.config)
  const dispatcher: Dispatcher = new Dispatcher(
    {
      node: config.nodeName,
      clock,
      wheel,
      random,
      log,
      lifecycle,
      abort: parts.abort,
      begun: new AbortSet(),
      spool,
      recorder,
      connector,
      policy: () => live.current.policy,
      directory: () => watch.directory,
      suppressions: parts.suppressions,
      sourcesOf: pooled,
      pools: new MailPools({
        choice: pools,
        directory: () => watch.directory,
        router,
        providerOf: (route) => limitsOf(shaping(), route, null).provider,
      }),
      returnPathOf: (batch) => returnPathOf(batch, parts.sealer),
      budget,
      slots: parts.budgets.slots,
      rates: parts.budgets.rates,
      lessons: parts.budgets.lessons,
      shaping,
      engagedPolicy: () => live.current.warmUp.policy.engaged,
      announce: parts.announce,
      brakes: parts.brakes,
      credentials: parts.credentials,
      hops,
    },
    router,
  )
  hops.onChange = () => dispatcher.refreshPools()
  const { lessons } = parts.budgets
  const poolRules = () => pools.rules
  return {
    ...{ dispatcher, recorder, router, resolver, guard, budget, sourcesOf, lessons, shaping },
    poolRules,
  }
}

/** Apart from those that receivers know: no limit, rest or repute of one is ever the other's. */
const SANDBOX: readonly PooledSource[] = [
  {
    item: {
      name: 'sandbox' as string as EgressSourceName,
      localAddress: null,
      families: [4],
      ehloName: SANDBOX_DOMAIN,
      hop: null,
    },
    weight: 1,
    isOverflow: false,
  },
]

/** The configured ones, or those of the system. */
export async function resolversOf(config: Config) {
  const { servers, trusted } = config.dns
  if (servers.length === 0) return systemResolvers()
  return servers.map(({ host, port }) => nameServer(host, port, trusted))
}

/** The patterns as the router reads them. `families`: that some source reaches. */
export function rulesOf(
  { config, shaping }: Pick<InForce, 'config' | 'shaping'>,
  families: readonly Family[],
): RoutingSettings {
  const { delivery, routes, sites } = config
  return {
    domainRuleOf: (domain) => shaping.domainRuleOf(domain),
    addressFamilies: shaping.hasRanges ? families : [],
    shapedTlsOf: (site) => limitsOf(shaping, site, null).settings.tls?.value ?? null,
    routes: routes.map(({ domain, host, port }) => ({ domain: patternText(domain), host, port })),
    sites: sites.map(({ domain, tls, tlsNames }) => ({
      domain: patternText(domain),
      tls,
      tlsNames,
    })),
    tls: delivery.tls,
  }
}

function guardOf({ dns, hostname, listeners, sources }: Config): TargetGuard {
  const interfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return new TargetGuard({
    refused: new PeerNetworks(dns.refuseNetworks),
    ownNames: [hostname, ...sources.map(({ ehloName }) => ehloName)],
    listeners: listeners.flatMap(({ addresses }) => addresses),
    ownAddresses: interfaces.map(({ address }) => address),
  })
}

/** It has been read before, when the configuration was checked. */
function authoritiesOf({ delivery: { tlsCa } }: Config): string | null {
  return tlsCa === null ? null : readFileSync(tlsCa, 'utf8')
}
