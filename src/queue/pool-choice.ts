// SPDX-License-Identifier: Apache-2.0
/** Which pool mail goes from: the one that its stream names, or else the one that names its tenant, or else the default one. */
import { DEFAULT_POOL, type EgressPool } from './egress-pool.ts'

export class PoolChoice {
  readonly #pools: ReadonlyMap<string, EgressPool>
  readonly #byTenant: ReadonlyMap<string, string>

  constructor(pools: readonly EgressPool[]) {
    this.#pools = new Map(pools.map((pool) => [pool.name, pool]))
    this.#byTenant = new Map(
      pools.flatMap(({ name, tenants }) => tenants.map((tenant) => [tenant, name] as const)),
    )
  }

  /** What may be named; also the default one, which need not be set up. */
  get names(): readonly string[] {
    return [...new Set([DEFAULT_POOL, ...this.#pools.keys()])]
  }

  knows(name: string): boolean {
    return name === DEFAULT_POOL || this.#pools.has(name)
  }

  /** Of a stream that names `wanted`. */
  homeOf(tenant: string, wanted: string): string {
    if (wanted !== DEFAULT_POOL) return wanted
    return this.#byTenant.get(tenant) ?? DEFAULT_POOL
  }

  /** Of tenants that are bad for their neighbours in `pool`; `null`: there is none. */
  quarantineOf(pool: string): string | null {
    return this.#pools.get(pool)?.quarantine ?? null
  }
}
