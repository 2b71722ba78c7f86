// SPDX-License-Identifier: Apache-2.0
/** The addresses of a site's most preferred hosts: looked up with the route, where shaping rules know hosts by them, and only there. */
import { type DurationMs, ms } from '../../base/brand.ts'
import { dnsLimits } from '../../base/limits/limits.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { MxHost } from '../../protocol/mx.ts'
import type { Family } from '../../queue/egress.ts'
import { fixedAddresses } from './fixed-addresses.ts'

/** By the name of the host; of none that has no address, or none that can be looked up now. */
export type HostAddresses = ReadonlyMap<string, readonly string[]>

export interface FirstHosts {
  readonly addresses: HostAddresses
  /** Then they must be looked up again. */
  readonly ttl: DurationMs
}

export const nothingKnown: FirstHosts = {
  addresses: new Map(),
  ttl: ms(Number.POSITIVE_INFINITY),
}

/** `families`: that some source reaches; of the other an address does not count. Never rejects. */
export async function firstHosts(
  hosts: readonly MxHost[],
  families: readonly Family[],
  resolver: Resolver,
): Promise<FirstHosts> {
  if (families.length === 0) return nothingKnown
  const first = Math.min(...hosts.map(({ preference }) => preference))
  const addresses = new Map<string, readonly string[]>()
  let ttl = nothingKnown.ttl
  await Promise.all(
    hosts.map(async ({ name, preference }) => {
      if (preference !== first) return
      const found = await addressesOf(name, families, resolver)
      ttl = ms(Math.min(ttl, found.ttl))
      if (found.addresses.length > 0) addresses.set(name, found.addresses)
    }),
  )
  return { addresses, ttl }
}

/** Where one family cannot be looked up nothing is known, for the rest alone could fit where the whole does not. */
async function addressesOf(name: string, families: readonly Family[], resolver: Resolver) {
  const fixed = fixedAddresses(name).filter(({ family }) => families.includes(family))
  if (fixed.length > 0)
    return { addresses: fixed.map(({ address }) => address), ttl: nothingKnown.ttl }
  const answers = await Promise.all(families.map((family) => resolver.addresses(name, family)))
  let ttl = nothingKnown.ttl
  const addresses: string[] = []
  for (const answer of answers) {
    if (answer.kind === 'failed') return { addresses: [], ttl: ms(dnsLimits.failureTtlMs) }
    ttl = ms(Math.min(ttl, answer.ttl))
    if (answer.kind === 'found') addresses.push(...answer.records.map(({ address }) => address))
  }
  return { addresses, ttl }
}
