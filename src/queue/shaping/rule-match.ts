// SPDX-License-Identifier: Apache-2.0
/** Whom a rule is for: by the names or addresses of MX hosts, by domains, by our sources. All in lower case. */
import type { AddressRange } from '../../protocol/address-range.ts'

export interface MatchedBy {
  /** `.google.com`: hosts below it. */
  readonly mxSuffixes: readonly string[]
  /** Names of single hosts. */
  readonly mxHosts: readonly string[]
  /** `192.0.2.0/24`, as `parseRange` spells it: hosts all of whose addresses are in these. */
  readonly mxRanges: readonly string[]
  /** `example.net`, `*.example.net`. */
  readonly domains: readonly string[]
  /** Names of egress sources. */
  readonly sources: readonly string[]
}

export const nobody: MatchedBy = {
  mxSuffixes: [],
  mxHosts: [],
  mxRanges: [],
  domains: [],
  sources: [],
}

/** A host as rules see it. */
export interface SeenHost {
  readonly name: string
  /** For each of its addresses the ranges of all rules that it is in; none where its addresses are not known. */
  readonly ranges: readonly (readonly AddressRange[])[]
}

/** How well the patterns fit, where every one of `hosts` is hit by one of them: that of the host that they fit least. `null`: they do not. */
export function hitsHosts(match: MatchedBy, hosts: readonly SeenHost[]): number | null {
  return leastOf(hosts, (host) => bestFor(match, host))
}

/** A host by its name beats every suffix, of which the longest counts, and these every range, likewise: a name says more than an address. */
function bestFor({ mxHosts, mxRanges, mxSuffixes }: MatchedBy, host: SeenHost): number | null {
  const { name, ranges } = host
  if (mxHosts.includes(name)) return 1_000 + name.length
  let best: number | null = null
  for (const suffix of mxSuffixes)
    if (name.endsWith(suffix)) best = Math.max(best ?? 0, suffix.length)
  if (best !== null || mxRanges.length === 0) return best
  return leastOf(ranges, (ofAddress) => narrowest(mxRanges, ofAddress))
}

/** Below 1, which is below every suffix. */
function narrowest(mxRanges: readonly string[], hit: readonly AddressRange[]): number | null {
  let best: number | null = null
  for (const { first, prefix, text } of hit)
    if (mxRanges.includes(text)) best = Math.max(best ?? 0, prefix / (first.octets.length * 8 + 1))
  return best
}

/** `null` where there is none, or one is hit by nothing. */
function leastOf<T>(all: readonly T[], measure: (one: T) => number | null): number | null {
  let least = Number.POSITIVE_INFINITY
  for (const one of all) {
    const measured = measure(one)
    if (measured === null) return null
    least = Math.min(least, measured)
  }
  return all.length === 0 ? null : least
}
