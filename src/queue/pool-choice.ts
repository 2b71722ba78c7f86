// SPDX-License-Identifier: Apache-2.0
/** Which pool mail goes from: the one that its stream names, or else the one that names its tenant, or else the default one. */
import { DEFAULT_POOL, type EgressPool } from './egress-pool.ts'

interface Known {
  readonly from: readonly EgressPool[]
  readonly pools: ReadonlyMap<string, EgressPool>
  readonly byTenant: ReadonlyMap<string, string>
}

export class PoolChoice {
  readonly #inForce: () => readonly EgressPool[]
  #known: Known

  /** `inForce`: those of the configuration, the same list for as long as it is in force. */
  constructor(inForce: () => readonly EgressPool[]) {
    this.#inForce = inForce
    this.#known = knownOf(inForce())
  }

  get #current(): Known {
    const from = this.#inForce()
    if (from !== this.#known.from) this.#known = knownOf(from)
    return this.#known
  }

  /** Those in force: another list after a reload. */
  get pools(): readonly EgressPool[] {
    return this.#current.from
  }

  /** What may be named; also the default one, which need not be set up. */
  get names(): readonly string[] {
    return [...new Set([DEFAULT_POOL, ...this.#current.pools.keys()])]
  }

  knows(name: string): boolean {
    return name === DEFAULT_POOL || this.#current.pools.has(name)
  }

  /** Of a stream that names `wanted`. */
  homeOf(tenant: string, wanted: string): string {
    if (wanted !== DEFAULT_POOL) return wanted
    return this.#current.byTenant.get(tenant) ?? DEFAULT_POOL
  }

  /** Of tenants that are bad for their neighbours in `pool`; `null`: there is none. */
  quarantineOf(pool: string): string | null {
    return this.#current.pools.get(pool)?.quarantine ?? null
  }
}

function knownOf(pools: readonly EgressPool[]): Known {
  return {
    from: pools,
    pools: new Map(pools.map((pool) => [pool.name, pool])),
    byTenant: new Map(
      pools.flatMap(({ name, tenants }) => tenants.map((tenant) => [tenant, name] as const)),
    ),
  }
}
