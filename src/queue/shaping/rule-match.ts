// SPDX-License-Identifier: Apache-2.0
/** Whom a rule is for: by the names of MX hosts, by domains, by our sources. All in lower case. */

export interface MatchedBy {
  /** `.google.com`: hosts below it. */
  readonly mxSuffixes: readonly string[]
  /** Names of single hosts. */
  readonly mxHosts: readonly string[]
  /** `example.net`, `*.example.net`. */
  readonly domains: readonly string[]
  /** Names of egress sources. */
  readonly sources: readonly string[]
}

export const nobody: MatchedBy = { mxSuffixes: [], mxHosts: [], domains: [], sources: [] }

/** How well the patterns fit, where every one of `hosts` is hit by one of them: octets of the shortest that was needed. `null`: they do not. */
export function hitsHosts(match: MatchedBy, hosts: readonly string[]): number | null {
  let least = Number.POSITIVE_INFINITY
  for (const host of hosts) {
    const best = bestFor(match, host)
    if (best === null) return null
    least = Math.min(least, best)
  }
  return hosts.length === 0 ? null : least
}

/** A host by its name beats every suffix. */
function bestFor({ mxHosts, mxSuffixes }: MatchedBy, host: string): number | null {
  if (mxHosts.includes(host)) return 1_000 + host.length
  let best: number | null = null
  for (const suffix of mxSuffixes)
    if (host.endsWith(suffix)) best = Math.max(best ?? 0, suffix.length)
  return best
}
