// SPDX-License-Identifier: Apache-2.0
/**
 * From which pool the mail of a queue goes now: that of a rule, of its stream or its tenant, or the quarantine pool of that; and whether
 * it is held for how its tenant stands.
 */

import { poolLimits } from '../../base/limits/pool-limits.ts'
import { RecentMap } from '../../base/recent-map.ts'
import { DEFAULT_POOL } from '../../queue/egress-pool.ts'
import type { PoolChoice } from '../../queue/pool-choice.ts'
import type { PoolRule, PoolRules, Provider, RuledMail } from '../../queue/pool-rules.ts'
import type { Directory } from '../../records/directory.ts'
import type { Slug } from '../../records/records.ts'
import { type StandingStateName, standingKey } from '../../records/standing.ts'
import { domainOfQueue, parseQueueName, type QueueName } from '../../spool/queue-name.ts'
import { isSandboxed } from '../../spool/sandbox.ts'
import type { Router, SiteRoute } from './routing.ts'

interface Home {
  readonly pool: string
  readonly state: StandingStateName
}

const NOBODY: Provider = { name: null }
const ELSEWHERE: Home = { pool: DEFAULT_POOL, state: 'good' }

export interface MailPoolsContext {
  readonly choice: PoolChoice
  readonly directory: () => Directory
  readonly router: Pick<Router, 'known'>
  /** As the shaping rules name it; `null`: they do not. */
  readonly providerOf: (route: SiteRoute) => string | null
}

export class MailPools {
  readonly #context: MailPoolsContext
  readonly #providers = new WeakMap<SiteRoute, Provider>()
  /** Of queues, with the provider: what is asked for every message is worked out once. */
  #ruled = new RecentMap<string, PoolRule | null>(poolLimits.queuesKnown)
  #ruledBy: PoolRules | null = null

  constructor(context: MailPoolsContext) {
    this.#context = context
  }

  /** `route`: `null` while it is not known; no rule for a provider counts then. */
  of(queue: string, route: SiteRoute | null): string {
    const directory = this.#context.directory()
    const { pool, state } =
      this.#homeOf(queue, directory, this.#providerAt(route)) ??
      this.#homeOf(queue, directory, NOBODY) ??
      ELSEWHERE
    return state === 'quarantined' ? (this.#context.choice.quarantineOf(pool) ?? pool) : pool
  }

  /** Why mail of a queue waits, as the records are now; `null`: it does not. Where nobody's does, there is nothing to ask. */
  holds(): ((queue: string) => string | null) | null {
    const directory = this.#context.directory()
    const areHeld = [...directory.standings.values()].includes('held')
    if (!areHeld && !this.#lacksPools(directory)) return null
    return (queue) => {
      if (isSandboxed(queue)) return null
      const home = this.#homeOf(queue, directory, this.#providerAt(this.#known(queue)))
      // Its way is looked up first.
      if (home === null) return null
      const { pool, state } = home
      if (!this.#context.choice.knows(pool)) return `its pool "${pool}" is not in the configuration`
      return state === 'held' ? 'held for how its tenant stands in the pool' : null
    }
  }

  #lacksPools({ streamsOf, tenants }: Directory): boolean {
    for (const tenant of tenants.keys())
      for (const { pool } of streamsOf(tenant)) if (!this.#context.choice.knows(pool)) return true
    return false
  }

  /** Changes with whatever the pool of some queue hangs on. */
  get signature(): string {
    const { standings, tenants, streamsOf } = this.#context.directory()
    const named = [...tenants.keys()].flatMap((tenant) =>
      streamsOf(tenant).flatMap(({ name, pool }) =>
        pool === DEFAULT_POOL ? [] : [`${tenant} ${name} ${pool}`],
      ),
    )
    return [...named, ...[...standings].map(([key, state]) => `${key} ${state}`)].join('\n')
  }

  /** `null`: a rule hangs on the provider, which is not known yet. */
  #homeOf(queue: string, directory: Directory, provider: Provider): Home | null {
    const parts = parseQueueName(queue)
    const tenant = parts?.tenant ?? ''
    const rule = parts === null ? null : this.#ruleOf(queue, { ...parts, provider })
    if (rule === 'unknown') return null
    const pool = rule?.pool ?? this.#unruled(directory, tenant, parts?.stream ?? '')
    const { standings } = directory
    const state = standings.size === 0 ? 'good' : standings.get(standingKey(tenant, pool))
    return { pool, state: state ?? 'good' }
  }

  #unruled(directory: Directory, tenant: string, stream: string): string {
    const wanted = directory.stream(tenant as Slug, stream as Slug)?.pool ?? DEFAULT_POOL
    return this.#context.choice.homeOf(tenant, wanted)
  }

  #ruleOf(queue: string, mail: RuledMail): PoolRule | 'unknown' | null {
    const { rules } = this.#context.choice
    if (rules.list.length === 0) return null
    if (rules !== this.#ruledBy) this.#ruled = new RecentMap(poolLimits.queuesKnown)
    this.#ruledBy = rules
    const { provider } = mail
    const key = provider === 'unknown' ? queue : `${queue} ${provider.name ?? ''}`
    const known = this.#ruled.get(key)
    if (known !== undefined) return known
    const rule = rules.choose(mail)
    if (rule !== 'unknown') this.#ruled.set(key, rule)
    return rule
  }

  #known(queue: string): SiteRoute | null {
    const route = this.#context.router.known(domainOfQueue(queue as QueueName))
    return route?.kind === 'site' ? route : null
  }

  #providerAt(route: SiteRoute | null): Provider {
    if (!this.#context.choice.rules.asksForProviders) return NOBODY
    if (route === null) return 'unknown'
    const known = this.#providers.get(route)
    if (known !== undefined) return known
    const provider = { name: this.#context.providerOf(route) }
    this.#providers.set(route, provider)
    return provider
  }
}
