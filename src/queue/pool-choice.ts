// SPDX-License-Identifier: Apache-2.0
/** Which pool mail goes from: that of the first rule that means it, else the one that its stream names, or else the one that names its tenant, or else the default one. */
import { DEFAULT_POOL, type EgressPool } from './egress-pool.ts'
import { type PoolRule, PoolRules, type RoutedMail } from './pool-rules.ts'

/** Both the same lists for as long as they are in force. */
export interface PoolSettings {
  readonly pools: readonly EgressPool[]
  readonly poolRules: readonly PoolRule[]
}

interface Known {
  readonly from: PoolSettings
  readonly pools: ReadonlyMap<string, EgressPool>
  readonly byTenant: ReadonlyMap<string, string>
  readonly rules: PoolRules
}

export class PoolChoice {
  readonly #inForce: () => PoolSettings
  #known: Known

  /** `inForce`: of the configuration. */
  constructor(inForce: () => PoolSettings) {
    this.#inForce = inForce
    this.#known = knownOf(inForce())
  }

  get #current(): Known {
    const from = this.#inForce()
    const { pools, poolRules } = this.#known.from
    if (from.pools !== pools || from.poolRules !== poolRules) this.#known = knownOf(from)
    return this.#known
  }

  /** Those in force: another list after a reload. */
  get pools(): readonly EgressPool[] {
    return this.#current.from.pools
  }

  /** Likewise. */
  get rules(): PoolRules {
    return this.#current.rules
  }

  /** What may be named; also the default one, which need not be set up. */
  get names(): readonly string[] {
    return [...new Set([DEFAULT_POOL, ...this.#current.pools.keys()])]
  }

  knows(name: string): boolean {
    return name === DEFAULT_POOL || this.#current.pools.has(name)
  }

  /** Of mail of a stream that names `wanted`. */
  poolOf(mail: RoutedMail, wanted: string): string {
    return this.rules.choose(mail)?.pool ?? this.homeOf(mail.tenant, wanted)
  }

  /** Of mail that no rule means, of a stream that names `wanted`. */
  homeOf(tenant: string, wanted: string): string {
    if (wanted !== DEFAULT_POOL) return wanted
    return this.#current.byTenant.get(tenant) ?? DEFAULT_POOL
  }

  /** All that mail of a stream that names `wanted` may go by. */
  poolsOf(tenant: string, stream: string, wanted: string): ReadonlySet<string> {
    const ruled = this.rules.ofStream(tenant, stream).map(({ pool }) => pool)
    return new Set([...ruled, this.homeOf(tenant, wanted)])
  }

  /** Of tenants that are bad for their neighbours in `pool`; `null`: there is none. */
  quarantineOf(pool: string): string | null {
    return this.#current.pools.get(pool)?.quarantine ?? null
  }
}

function knownOf(from: PoolSettings): Known {
  return {
    from,
    pools: new Map(from.pools.map((pool) => [pool.name, pool])),
    byTenant: new Map(
      from.pools.flatMap(({ name, tenants }) => tenants.map((tenant) => [tenant, name] as const)),
    ),
    rules: new PoolRules(from.poolRules),
  }
}
