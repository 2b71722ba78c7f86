// SPDX-License-Identifier: Apache-2.0
/** The addresses that one attempt tries, in order: looked up just before connecting. RFC 5321 §5.1. */
import { isIP } from 'node:net'
import { clientLimits } from '../base/limits.ts'
import { type Random, shuffled } from '../base/random.ts'
import type { Resolver } from '../dns/resolver.ts'
import { type MxHost, orderHosts } from '../protocol/mx.ts'
import { type Reply, reply } from '../protocol/reply.ts'

export type Family = 4 | 6

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

/** What is known of one host. */
interface HostAddresses {
  readonly targets: readonly Target[]
  /** Why an answer is missing, or `null`. */
  readonly failure: string | null
}

/**
 * Hosts by preference, equal ones shuffled; the addresses of each in the order of `families`, which are what
 * the source can reach, those of one family shuffled as well. At most `hostsPerAttempt` hosts that have an address, `addressesPerHost` of each.
 * Never rejects.
 */
export async function resolveHosts(
  hosts: readonly MxHost[],
  families: readonly Family[],
  resolver: Resolver,
  random: Random,
): Promise<TargetsResult> {
  const ordered = orderHosts(hosts, random)
  let failure: string | null = null
  for (let at = 0; at < ordered.length; at += clientLimits.hostsPerAttempt) {
    const batch = ordered.slice(at, at + clientLimits.hostsPerAttempt)
    const found = await Promise.all(
      batch.map((host) => addressesOf(host.name, families, resolver, random)),
    )
    const targets = found.flatMap((host) => host.targets)
    if (targets.length > 0) return { kind: 'found', targets }
    failure ??= found.find((host) => host.failure !== null)?.failure ?? null
  }
  if (failure !== null) return { kind: 'transient', reply: reply(451, '4.4.3', failure) }
  const wanted = families.map((family) => `IPv${family}`).join(' or ')
  const names = ordered.map((host) => host.name).join(', ')
  const text = `No mail host has an ${wanted} address: ${names}`
  return { kind: 'permanent', reply: reply(550, '5.4.4', text) }
}

async function addressesOf(
  host: string,
  families: readonly Family[],
  resolver: Resolver,
  random: Random,
): Promise<HostAddresses> {
  const fixed = fixedAddresses(host)
  if (fixed.length > 0)
    return { targets: fixed.filter((target) => families.includes(target.family)), failure: null }
  const answers = await Promise.all(families.map((family) => resolver.addresses(host, family)))
  const mostOfFamily = Math.ceil(clientLimits.addressesPerHost / families.length)
  const targets: Target[] = []
  let failure: string | null = null
  for (const answer of answers) {
    if (answer.kind === 'found')
      for (const { address, family } of shuffled(answer.records, random).slice(0, mostOfFamily))
        targets.push({ host, address, family })
    if (answer.kind === 'failed')
      failure = `Addresses of ${host} cannot be looked up: ${answer.text}`
  }
  return { targets, failure }
}

/** An address is itself; `localhost` is never asked for (RFC 6761 §6.3). */
function fixedAddresses(host: string): Target[] {
  if (host === 'localhost')
    return [
      { host, address: '127.0.0.1', family: 4 },
      { host, address: '::1', family: 6 },
    ]
  const family = isIP(host)
  return family === 4 || family === 6 ? [{ host, address: host, family }] : []
}
