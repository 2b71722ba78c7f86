// SPDX-License-Identifier: Apache-2.0
/** Routes by configuration: domains that go to a fixed host and port, for smart hosts and tests. */
import type { Domain } from '../protocol/mailbox.ts'
import { fixedSiteName, type SiteName } from '../protocol/mx.ts'

/** Opportunistic: TLS where it is offered. Required: no mail without. Never: STARTTLS is not said. */
export type RouteTls = 'opportunistic' | 'required' | 'never'

/** One `[[route]]`. */
export interface FixedRoute {
  /** `example.org`; `*.example.org`, all names below it and not itself; or `*`, every domain and literal. */
  readonly domain: string
  /** Name or address. */
  readonly host: string
  readonly port: number
  /** Default opportunistic. */
  readonly tls?: RouteTls
}

export interface FixedSite {
  readonly site: SiteName
  readonly host: string
  readonly port: number
  readonly tls: RouteTls
}

export class FixedRoutes {
  /** By pattern: `example.org`, `*.example.org`, `*`. */
  readonly #sites = new Map<string, FixedSite>()

  constructor(routes: readonly FixedRoute[]) {
    for (const { domain, host, port, tls } of routes) {
      const pattern = domain.toLowerCase()
      const site = fixedSiteName(host.toLowerCase(), port)
      if (!this.#sites.has(pattern))
        this.#sites.set(pattern, { site, host, port, tls: tls ?? 'opportunistic' })
    }
  }

  /** Exact, then the longest suffix, then `*`. */
  find(domain: Domain): FixedSite | null {
    if (this.#sites.size === 0) return null
    const exact = this.#sites.get(domain)
    if (exact) return exact
    for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
      const suffix = this.#sites.get(`*${domain.slice(dot)}`)
      if (suffix) return suffix
    }
    return this.#sites.get('*') ?? null
  }
}
