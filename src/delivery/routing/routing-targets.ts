// SPDX-License-Identifier: Apache-2.0
/** The addresses that one attempt tries, in order: looked up just before connecting. RFC 5321 §5.1. */
import { clientLimits } from '../../base/limits/limits.ts'
import { type Random, shuffled } from '../../base/random.ts'
import type { AddressRecord, Resolver } from '../../dns/resolver.ts'
import { type MxHost, orderHosts } from '../../protocol/mx.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import type { Family } from '../../queue/egress.ts'
import { fixedAddresses } from './fixed-addresses.ts'
import type { SiteRoute } from './routing.ts'
import type { TargetGuard } from './target-guard.ts'

export interface Target {
  /** For TLS and for events. */
  readonly host: string
  readonly address: string
  readonly family: Family
}

export type TargetsResult =
  /** At least one. */
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  | { readonly kind: 'permanent'; readonly reply: Reply }
  | { readonly kind: 'transient'; readonly reply: Reply }

export interface TargetsContext {
  readonly resolver: Resolver
  readonly random: Random
  readonly guard: TargetGuard
}

/** What is known of one host. */
interface HostAddresses {
  readonly host: MxHost
  readonly targets: readonly Target[]
  /** Why it has no target, or fewer, as a sentence; `null` where nothing is wrong. */
  readonly failure: string | null
  readonly refusal: string | null
  readonly isOwn: boolean
}

/**
 * Hosts by preference, equal ones shuffled; the addresses of each by turns of `families` (RFC 8305 §4), which are what the
 * sources can reach, those of one family shuffled as well. At most `hostsPerAttempt` hosts that have an address, `addressesPerHost` of each.
 * Where we are a host ourselves, neither we nor those after us are tried (RFC 5321 §5.1). Never rejects.
 */
export async function resolveHosts(
  route: Pick<SiteRoute, 'hosts' | 'port' | 'isConfigured'>,
  families: readonly Family[],
  context: TargetsContext,
): Promise<TargetsResult> {
  const ordered = orderHosts(route.hosts, context.random)
  let failure: string | null = null
  let refusal: string | null = null
  for (let at = 0; at < ordered.length; at += clientLimits.hostsPerAttempt) {
    const batch = ordered.slice(at, at + clientLimits.hostsPerAttempt)
    const found = await Promise.all(
      batch.map(async (host) =>
        guarded(host, await addressesOf(host.name, families, context), route, context.guard),
      ),
    )
    const own = found.find(({ isOwn }) => isOwn)?.host ?? null
    const better = found.filter(({ host }) => own === null || host.preference < own.preference)
    const targets = better.flatMap((host) => host.targets)
    if (targets.length > 0) return { kind: 'found', targets }
    failure ??= better.find((host) => host.failure !== null)?.failure ?? null
    refusal ??= better.find((host) => host.refusal !== null)?.refusal ?? null
    if (own !== null && failure === null) return nowhere('5.4.6', loopAt(own.name))
    if (own !== null) break
  }
  if (failure !== null) return { kind: 'transient', reply: reply(451, '4.4.3', failure) }
  if (refusal !== null) return nowhere('5.4.4', refusal)
  const wanted = families.map((family) => `IPv${family}`).join(' or ')
  const names = ordered.map((host) => host.name).join(', ')
  return nowhere('5.4.4', `No mail host has an ${wanted} address: ${names}`)
}

function nowhere(enhanced: string, text: string): TargetsResult {
  return { kind: 'permanent', reply: reply(550, enhanced, text) }
}

function loopAt(host: string): string {
  return `Mail would loop back: ${host} is this relay, and no host is preferred to it`
}

function guarded(
  host: MxHost,
  { targets, failure }: Pick<HostAddresses, 'targets' | 'failure'>,
  { isConfigured, port }: Pick<SiteRoute, 'isConfigured' | 'port'>,
  guard: TargetGuard,
): HostAddresses {
  if (isConfigured) return { host, targets, failure, refusal: null, isOwn: false }
  const judged = targets.map((target) => ({
    target,
    verdict: guard.of(target.host, target.address, port),
  }))
  const refused = judged.find(({ verdict }) => verdict === 'refused')?.target
  return {
    host,
    targets: judged.filter(({ verdict }) => verdict === 'free').map(({ target }) => target),
    failure,
    refusal: refused ? `Mail host ${host.name} is at ${refused.address}, where no mail goes` : null,
    isOwn: judged.some(({ verdict }) => verdict === 'own'),
  }
}

async function addressesOf(
  host: string,
  families: readonly Family[],
  { resolver, random }: TargetsContext,
): Promise<Pick<HostAddresses, 'targets' | 'failure'>> {
  const fixed = fixedAddresses(host)
  if (fixed.length > 0)
    return {
      targets: families.flatMap((wanted) =>
        fixed.flatMap((record) => (record.family === wanted ? [{ host, ...record }] : [])),
      ),
      failure: null,
    }
  const answers = await Promise.all(families.map((family) => resolver.addresses(host, family)))
  const mostOfFamily = Math.ceil(clientLimits.addressesPerHost / families.length)
  const ofFamilies = answers.map((answer) =>
    answer.kind === 'found' ? shuffled(distinct(answer.records), random) : [],
  )
  const targets: Target[] = []
  for (let turn = 0; turn < mostOfFamily; turn++)
    for (const records of ofFamilies) {
      const record = records[turn]
      if (record) targets.push({ host, address: record.address, family: record.family })
    }
  const failed = answers.find((answer) => answer.kind === 'failed')
  const failure = failed ? `Addresses of ${host} cannot be looked up: ${failed.text}` : null
  return { targets, failure }
}

/** RFC 2181 §5: of records that are the same there is one, whatever a server sends. */
function distinct(records: readonly AddressRecord[]): AddressRecord[] {
  return [...new Map(records.map((record) => [record.address, record])).values()]
}
