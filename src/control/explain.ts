// SPDX-License-Identifier: Apache-2.0
/** Says for an address how mail to it would go: domain, route, hosts, addresses, sources, limits, and what rests now. */
import { RelayError } from '../base/errors.ts'
import type { DeliveryPolicy } from '../delivery/delivery-context.ts'
import type { Dispatcher } from '../delivery/dispatcher.ts'
import type { Router, SiteRoute } from '../delivery/routing.ts'
import { resolveHosts, type TargetsContext } from '../delivery/routing-targets.ts'
import { domainOf, type Mailbox, parseMailbox } from '../protocol/mailbox.ts'
import { formatReply } from '../protocol/reply.ts'
import { type EgressSource, familiesOf } from '../queue/egress.ts'
import { pathInWords } from './queue-views.ts'

export interface Explanation {
  readonly address: string
  readonly domain: string
  /** In words, where mail to it cannot go now. */
  readonly problem: string | null
  readonly site: string | null
  readonly port: number | null
  readonly hosts: readonly { readonly preference: number; readonly name: string }[]
  readonly targets: readonly { readonly host: string; readonly address: string }[]
  readonly paths: readonly {
    readonly source: string
    readonly localAddress: string | null
    readonly ehlo: string
    readonly state: string
  }[]
  readonly limits: {
    readonly connections: number
    readonly messagesPerConnection: number
    readonly connectTimeoutMs: number
    /** `null` where there is no way. */
    readonly tls: string | null
  }
}

export interface ExplainContext extends TargetsContext {
  readonly router: Router
  readonly dispatcher: Dispatcher
  readonly policy: () => DeliveryPolicy
  readonly sources: () => readonly EgressSource[]
  readonly connectTimeoutMs: number
}

/** Throws `RLY_USAGE` where the text is no address. */
export async function explain(context: ExplainContext, text: string): Promise<Explanation> {
  const address = parseMailbox(text)
  if (address === null)
    throw new RelayError('RLY_USAGE', `"${text}" is not an address: expected local-part@domain`)
  const route = await context.router.route(domainOf(address))
  if (route.kind !== 'site') return unreachableSite(context, address, formatReply(route.reply))
  const targets = await resolveHosts(route, familiesOf(context.sources()), context)
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
    paths: pathsTo(context, route),
    limits: { ...limits(context), tls: [route.tls, ...route.tlsNames].join(' ') },
  }
}

function unreachableSite(context: ExplainContext, address: Mailbox, problem: string): Explanation {
  return {
    ...basics(address),
    problem,
    site: null,
    port: null,
    hosts: [],
    targets: [],
    paths: [],
    limits: limits(context),
  }
}

function basics(address: Mailbox) {
  return { address, domain: domainOf(address) }
}

function limits(context: ExplainContext): Explanation['limits'] {
  const { connectionsPerSite, messagesPerConnection } = context.policy()
  return {
    connections: connectionsPerSite,
    messagesPerConnection,
    connectTimeoutMs: context.connectTimeoutMs,
    tls: null,
  }
}

function pathsTo(context: ExplainContext, route: SiteRoute): Explanation['paths'] {
  const known = [...context.dispatcher.sites.paths()].find(({ site }) => site === route.site)
  const states = new Map(
    [...(known ?? [])].map(({ path, state }) => [path.source, pathInWords(state)]),
  )
  return context.sources().map(({ name, localAddress, ehloName }) => ({
    source: name,
    localAddress,
    ehlo: ehloName,
    state: states.get(name) ?? 'open',
  }))
}
