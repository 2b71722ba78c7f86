// SPDX-License-Identifier: Apache-2.0
/** Who sends by which pool, as records and configuration are: made once for each directory, and after a reload. */
import { DEFAULT_POOL, type EgressPool } from '../../queue/egress-pool.ts'
import type { PoolChoice } from '../../queue/pool-choice.ts'
import type { Directory } from '../../records/directory.ts'
import type { Slug } from '../../records/records.ts'
import type { StandingPlace } from '../../records/standing.ts'

export class Neighbours {
  readonly #pools: PoolChoice
  readonly #directory: () => Directory
  #of: Directory | null = null
  #by: readonly EgressPool[] | null = null
  #tenants: ReadonlyMap<string, ReadonlySet<Slug>> = new Map()

  constructor(pools: PoolChoice, directory: () => Directory) {
    this.#pools = pools
    this.#directory = directory
  }

  /** The pool that mail of a stream goes by while all is well; `null`: the tenant is gone. */
  placeOf(tenant: string, stream: string): StandingPlace | null {
    const { tenants, stream: find } = this.#directory()
    const id = tenant as Slug
    if (!tenants.has(id)) return null
    const wanted = find(id, stream as Slug)?.pool ?? DEFAULT_POOL
    return { tenant: id, pool: this.#pools.homeOf(tenant, wanted) }
  }

  /** Somebody else sends by the pool too. */
  has({ pool, tenant }: StandingPlace): boolean {
    const tenants = this.#byPool().get(pool)
    return tenants !== undefined && tenants.size > Number(tenants.has(tenant))
  }

  /** Of all tenants, in the order of the records. */
  get places(): readonly StandingPlace[] {
    return [...this.#byPool()].flatMap(([pool, tenants]) =>
      [...tenants].map((tenant) => ({ tenant, pool })),
    )
  }

  #byPool(): ReadonlyMap<string, ReadonlySet<Slug>> {
    const directory = this.#directory()
    const { pools } = this.#pools
    if (directory === this.#of && pools === this.#by) return this.#tenants
    const byPool = new Map<string, Set<Slug>>()
    for (const tenant of directory.tenants.keys())
      for (const { pool } of directory.streamsOf(tenant)) {
        const home = this.#pools.homeOf(tenant, pool)
        byPool.set(home, (byPool.get(home) ?? new Set()).add(tenant))
      }
    this.#of = directory
    this.#by = pools
    this.#tenants = byPool
    return byPool
  }
}
