// SPDX-License-Identifier: Apache-2.0
/**
 * Pools: sources that may carry the same mail, each by its weight, and the pool that helps where none of them may send now. Which pool
 * mail goes from is said elsewhere (`pool-choice.ts`).
 */
import type { EgressSource } from './egress.ts'
import type { Weighted } from './source-rotation.ts'

export interface EgressPool {
  readonly name: string
  /** Names and weights of sources. */
  readonly members: readonly { readonly source: string; readonly weight: number }[]
  /** Name of the pool whose sources are used where none of its own may send now; `null`: mail waits. */
  readonly overflow: string | null
  /** Name of the pool for mail of tenants that are bad for their neighbours; `null`: there is none. */
  readonly quarantine: string | null
  /** Tenants whose mail goes from here, unless their stream names a pool. */
  readonly tenants: readonly string[]
}

/** A source of a pool; those of the overflow pool come into question where none of the others may send. */
export interface PooledSource extends Weighted<EgressSource> {
  readonly isOverflow: boolean
}

/** Of a stream that names none, where no pool names its tenant. */
export const DEFAULT_POOL = 'default'

export class EgressPools {
  readonly #sources: readonly EgressSource[]
  readonly #pools: ReadonlyMap<string, EgressPool>
  readonly #sourcesOf = new Map<string, readonly PooledSource[]>()

  constructor(sources: readonly EgressSource[], pools: readonly EgressPool[]) {
    this.#sources = sources
    this.#pools = new Map(pools.map((pool) => [pool.name, pool]))
  }

  /** In the operator's order, never empty. A pool that is not there is the default one. */
  sourcesOf(name: string): readonly PooledSource[] {
    const known = this.#sourcesOf.get(name)
    if (known !== undefined) return known
    const own = this.#members(name, false)
    const overflow = this.#pools.get(name)?.overflow ?? null
    const names = new Set(own.map(({ item }) => item.name))
    const helpers = overflow === null ? [] : this.#members(overflow, true)
    const sources = [...own, ...helpers.filter(({ item }) => !names.has(item.name))]
    if (this.#pools.has(name) || name === DEFAULT_POOL) this.#sourcesOf.set(name, sources)
    return sources
  }

  /** Those that a source is of by its own right, in the operator's order. */
  poolsOf(source: string): readonly { readonly pool: string; readonly weight: number }[] {
    const names = new Set([...this.#pools.keys(), DEFAULT_POOL])
    return [...names].flatMap((pool) =>
      this.#members(pool, false).flatMap(({ item, weight }) =>
        item.name === source ? [{ pool, weight }] : [],
      ),
    )
  }

  #members(name: string, isOverflow: boolean): readonly PooledSource[] {
    const pool = this.#pools.get(name)
    if (pool === undefined) return this.#unpooled().map((item) => ({ item, weight: 1, isOverflow }))
    return pool.members.flatMap(({ source, weight }) => {
      const item = this.#sources.find((one) => one.name === source)
      return item === undefined ? [] : [{ item, weight, isOverflow }]
    })
  }

  /** Those that no pool has; where all are in pools, all of them. */
  #unpooled(): readonly EgressSource[] {
    const taken = new Set(
      [...this.#pools.values()].flatMap(({ members }) => members.map(({ source }) => source)),
    )
    const free = this.#sources.filter(({ name }) => !taken.has(name))
    return free.length > 0 ? free : this.#sources
  }
}
