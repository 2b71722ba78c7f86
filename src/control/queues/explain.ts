// SPDX-License-Identifier: Apache-2.0
/** Says for an address how mail to it would go: domain, route, hosts, addresses, sources, limits, and what rests now. */
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { Router, SiteRoute } from '../../delivery/routing/routing.ts'
import { resolveHosts, type TargetsContext } from '../../delivery/routing/routing-targets.ts'
import { limitsOf } from '../../delivery/site/site-shaping.ts'
import { domainOf, type Mailbox, parseMailbox } from '../../protocol/mailbox.ts'
import { formatReply } from '../../protocol/reply.ts'
import type { TlsPolicy } from '../../protocol/tls-policy.ts'
import { type EgressSource, familiesOf } from '../../queue/egress.ts'
import type { PathState } from '../../queue/egress-path.ts'
import { type PoolRules, whoseInWords } from '../../queue/pool-rules.ts'
import { keyOf, type Lessons } from '../../queue/shaping/lessons.ts'
import type { ShapingRules } from '../../queue/shaping/rules.ts'
import type { Directory } from '../../records/directory.ts'
import { stopOf } from '../../records/source.ts'
import type { Spool } from '../../spool/spool.ts'
import { type CampaignHold, campaignHolds } from './campaign-holds.ts'
import {
  type FlowRow,
  flowRows,
  type LimitRow,
  limitsAtRest,
  limitsNow,
  type PathLimits,
  placeOf,
  timeoutRows,
} from './limit-views.ts'
import { pathInWords } from './queue-views.ts'
import { type MeantMail, type PoolRow, poolsToSite } from './site-pools.ts'

export interface Explanation {
  readonly address: string
  readonly domain: string
  /** In words, where mail to it cannot go now. */
  readonly problem: string | null
  readonly site: string | null
  readonly port: number | null
  readonly hosts: readonly { readonly preference: number; readonly name: string }[]
  readonly targets: readonly { readonly host: string; readonly address: string }[]
  /** Which mail goes from which, and what waits; at least one where there is a site. */
  readonly pools: readonly PoolRow[]
  /** In the order of their pools. */
  readonly paths: readonly {
    readonly pool: string
    readonly source: string
    readonly localAddress: string | null
    readonly ehlo: string
    readonly state: string
    readonly shaping: PathLimits
    /** How long the receiver may take for each step. */
    readonly timeouts: readonly LimitRow[]
  }[]
  /** Rules that choose a pool for some mail to it, in their order; what none of them means goes as its stream says. */
  readonly poolRules: readonly PoolRuleRow[]
  /** Tenants and campaigns whose mail goes slower there. */
  readonly flows: readonly FlowRow[]
  /** Whose mail to its domain waits for what is decided about them. */
  readonly campaigns: readonly CampaignHold[]
  /** `null` where there is no way. */
  readonly tls: string | null
  /** File and line of the shaping rule that says so, or unsets what others say; `null` where the configuration alone does. */
  readonly tlsFrom: string | null
}

export interface PoolRuleRow {
  /** Among those of the configuration, from 1. */
  readonly place: number
  readonly pool: string
  /** In words: `campaign spring* of tenant shop`. */
  readonly whose: string
}

export interface ExplainContext extends TargetsContext {
  readonly router: Router
  readonly dispatcher: Dispatcher
  readonly shaping: () => ShapingRules
  readonly lessons: Lessons
  readonly clock: Clock
  readonly directory: () => Directory
  readonly poolRules: () => PoolRules
  readonly spool: Pick<Spool, 'waiting' | 'waitingIn'>
  /** Those of a pool; `null`: of any. */
  readonly sourcesOf: (pool: string | null) => readonly EgressSource[]
  /** Where no rule says otherwise. */
  readonly usualTls: () => TlsPolicy
}

/** What somebody wants to know. */
export interface Question extends MeantMail {
  readonly address: string
}

/** Throws `RLY_USAGE` where that is no address, `RLY_RECORD_UNKNOWN` for a stream that is not there. */
export async function explain(
  context: ExplainContext,
  { address: text, ...mail }: Question,
): Promise<Explanation> {
  const address = parseMailbox(text)
  if (address === null)
    throw new RelayError('RLY_USAGE', `"${text}" is not an address: expected local-part@domain`)
  const route = await context.router.route(domainOf(address))
  if (route.kind !== 'site') return unreachableSite(address, formatReply(route.reply))
  const { provider } = limitsOf(context.shaping(), route, null)
  const pools = await poolsToSite(context, domainOf(address), route, mail)
  const targets = await resolveHosts(route, familiesOf(context.sourcesOf(route.pool)), context)
  return {
    ...basics(address),
    problem: targets.kind === 'found' ? null : formatReply(targets.reply),
    site: route.site,
    port: route.port,
    hosts: route.hosts.map(({ name, preference }) => ({ preference, name })),
    targets:
      targets.kind === 'found'
        ? targets.targets.map(({ host, address }) => ({ host, address }))
        : [],
    pools,
    paths: pools.flatMap(({ pool }) => pathsFrom(context, pool, route)),
    poolRules: route.pool === null ? poolRulesFor(context, domainOf(address), provider) : [],
    flows: flowRows(context.lessons, provider ?? route.site),
    campaigns: campaignHolds(context, domainOf(address)),
    tls: [route.tls, ...route.tlsNames].join(' '),
    tlsFrom: tlsFrom(context, route),
  }
}

function unreachableSite(address: Mailbox, problem: string): Explanation {
  return {
    ...basics(address),
    problem,
    site: null,
    port: null,
    hosts: [],
    targets: [],
    pools: [],
    paths: [],
    poolRules: [],
    flows: [],
    campaigns: [],
    tls: null,
    tlsFrom: null,
  }
}

function basics(address: Mailbox) {
  return { address, domain: domainOf(address) }
}

function poolRulesFor(
  { poolRules }: ExplainContext,
  domain: string,
  provider: string | null,
): readonly PoolRuleRow[] {
  return poolRules()
    .toRecipient(domain, provider)
    .map(({ place, rule }) => ({ place, pool: rule.pool, whose: whoseInWords(rule) }))
}

function tlsFrom({ shaping, usualTls }: ExplainContext, route: SiteRoute): string | null {
  const { tls } = limitsOf(shaping(), route, null).settings
  if (tls === undefined || route.tlsNames.length > 0) return null
  return (tls.value ?? usualTls()) === route.tls ? placeOf(tls.origin) : null
}

/** Of a path that is not there yet. */
function newState({ directory, dispatcher }: ExplainContext, source: string): PathState {
  const record = directory().sources.get(source)
  const cut = dispatcher.cut.get(source)
  const stopped = record === undefined ? null : stopOf(record.state)
  const stop = stopped ?? (cut === undefined ? null : { by: 'its proxy', why: cut })
  return stop === null ? { kind: 'open' } : { kind: 'suspended', by: stop.by, reason: stop.why }
}

function pathsFrom(context: ExplainContext, pool: string, route: SiteRoute): Explanation['paths'] {
  const { clock, dispatcher, lessons, shaping, sourcesOf } = context
  const paths = [...dispatcher.sites.paths()].find(
    (each) => each.site === route.site && each.pool === pool,
  )
  const atWork = [...dispatcher.sites.atWork].find((site) => site.paths === paths)
  const machines = new Map([...(paths ?? [])].map((machine) => [machine.path.source, machine]))
  return sourcesOf(pool).map(({ name, localAddress, ehloName }) => {
    const machine = machines.get(name)
    const byRules = limitsOf(shaping(), route, name)
    const limits =
      machine === undefined || atWork === undefined
        ? limitsAtRest(byRules, lessons.of(keyOf({ kind: 'path', source: name, site: route.site })))
        : limitsNow(atWork.shaping.of(machine), atWork.ready.size, clock)
    const state = pathInWords(machine?.state ?? newState(context, name))
    const timeouts = timeoutRows(byRules)
    return { pool, source: name, localAddress, ehlo: ehloName, state, shaping: limits, timeouts }
  })
}
