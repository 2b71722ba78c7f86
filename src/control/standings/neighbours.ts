// SPDX-License-Identifier: Apache-2.0
/** Who sends by which pool, as records and configuration are: made once for each directory, and after a reload. */
import { DEFAULT_POOL } from '../../queue/egress-pool.ts'
import type { PoolChoice } from '../../queue/pool-choice.ts'
import type { PoolRules } from '../../queue/pool-rules.ts'
import type { Directory } from '../../records/directory.ts'
import type { Slug } from '../../records/records.ts'
import type { StandingPlace } from '../../records/standing.ts'
import type { StandingNote } from './standing-signals.ts'

export type ProviderOf = (mx: string) => string | null

export class Neighbours {
  readonly #pools: PoolChoice
  readonly #directory: () => Directory
  readonly #providerOf: ProviderOf
  #of: Directory | null = null
  #by: PoolRules | null = null
  #tenants: ReadonlyMap<string, ReadonlySet<Slug>> = new Map()

  constructor(pools: PoolChoice, directory: () => Directory, providerOf: ProviderOf) {
    this.#pools = pools
    this.#directory = directory
    this.#providerOf = providerOf
  }

  /** The pool that mail goes by while all is well; `null`: the tenant is gone. */
  placeOf(mail: Omit<StandingNote, 'kind' | 'at'>): StandingPlace | null {
    const { tenants, stream: find } = this.#directory()
    const { mx, ...parts } = mail
    const tenant = mail.tenant as Slug
    if (!tenants.has(tenant)) return null
    const asks = mx !== null && this.#pools.rules.asksForProviders
    const provider = { name: asks ? this.#providerOf(mx) : null }
    const wanted = find(tenant, mail.stream as Slug)?.pool ?? DEFAULT_POOL
    return { tenant, pool: this.#pools.poolOf({ ...parts, provider }, wanted) }
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
    const { rules } = this.#pools
    if (directory === this.#of && rules === this.#by) return this.#tenants
    const byPool = new Map<string, Set<Slug>>()
    for (const tenant of directory.tenants.keys())
      for (const { name, pool } of directory.streamsOf(tenant))
        for (const home of this.#pools.poolsOf(tenant, name, pool))
          byPool.set(home, (byPool.get(home) ?? new Set()).add(tenant))
    this.#of = directory
    this.#by = rules
    this.#tenants = byPool
    return byPool
  }
}
