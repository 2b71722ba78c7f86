// SPDX-License-Identifier: Apache-2.0
/**
 * The sites that are known. One that has mail in hand, or connections, is at work; one that rests with nothing in hand is its
 * paths and nothing else, so that a hundred thousand dead sites are remembered in little memory.
 *
 *   (unknown) ──mail──▶ at work ──every path rests──▶ resting ──mail, after the rest──▶ at work
 *        ▲                 └───spent───┐                 └───rested long ago───┐
 *        └─────────────────────────────┴───────────────────────────────────────┘
 */
import type { Instant } from '../base/brand.ts'
import type { ShapingRules } from '../queue/shaping/rules.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'
import type { SiteRoute } from './routing.ts'
import { SiteDelivery } from './site-delivery.ts'
import { SitePaths } from './site-paths.ts'

export class SiteTable {
  readonly #context: DeliveryContext
  readonly #atWork = new Map<string, SiteDelivery>()
  readonly #resting = new Map<string, SitePaths>()
  #rules: ShapingRules | null = null
  /** What the pools of queues hung on when that was last looked at. */
  #pools: string
  #isStopping = false

  constructor(context: DeliveryContext) {
    this.#context = context
    this.#pools = context.pools.signature
  }

  get atWork(): Iterable<SiteDelivery> {
    return this.#atWork.values()
  }

  /** After a change of the records: who waits for a warm-up is looked at now, not when its next slot would have come. */
  refreshLimits(): void {
    for (const site of this.atWork) if (site.shaping.sortAnew()) site.pump()
    const rules = this.#context.shaping()
    if (rules === this.#rules) return
    this.#rules = rules
    for (const site of this.atWork) site.pump()
  }

  /** After a change of the records: what goes by another pool now leaves the windows of the one before. */
  refreshPools(): void {
    const { clock, pools } = this.#context
    const { signature } = pools
    if (signature === this.#pools) return
    this.#pools = signature
    for (const site of this.atWork)
      if (site.route.pool === null)
        site.releaseWhere((queue) => pools.of(queue) !== site.paths.pool, clock.now())
  }

  /** The paths of all sites. */
  *paths(): Generator<SitePaths> {
    for (const { paths } of this.#atWork.values()) yield paths
    yield* this.#resting.values()
  }

  /** `null` where the site of `route` is unknown. */
  pathsOf(queue: QueueName, route: SiteRoute): SitePaths | null {
    const key = keyOf({ pool: this.#poolOf(queue, route), site: route.site })
    return this.#atWork.get(key)?.paths ?? this.#resting.get(key) ?? null
  }

  /** The site to which mail of `queue` goes by `route`; when it rests, an instant: it may be tried then. */
  find(queue: QueueName, route: SiteRoute, now: Instant): SiteDelivery | Instant {
    const pool = this.#poolOf(queue, route)
    const key = keyOf({ pool, site: route.site })
    const site = this.#atWork.get(key)
    if (site) {
      site.refresh(route)
      return site
    }
    return this.#resting.get(key)?.restUntil(now) ?? this.#wake(key, pool, route)
  }

  /** A person wants it tried, however it rests. */
  resume(queue: QueueName, route: SiteRoute): void {
    const pool = this.#poolOf(queue, route)
    const key = keyOf({ pool, site: route.site })
    const site = this.#atWork.get(key) ?? this.#wake(key, pool, route)
    site.resumePaths()
  }

  /** Nothing new begins, neither at a site at work nor at one that mail in hand finds only now. */
  stop(): void {
    this.#isStopping = true
    for (const site of this.#atWork.values()) site.stop()
  }

  /** Forgets what need not be remembered any more. */
  sweep(now: Instant): void {
    for (const [key, site] of this.#atWork) if (site.isSpent(now)) this.#atWork.delete(key)
    for (const [key, paths] of this.#resting)
      if (paths.isForgettable(now)) this.#resting.delete(key)
  }

  #wake(key: string, pool: string, route: SiteRoute): SiteDelivery {
    const { sourcesOf, policy, random } = this.#context
    const paths =
      this.#resting.get(key) ??
      new SitePaths(pool, route.site, sourcesOf(pool), policy().siteRests, random)
    const site = new SiteDelivery(this.#context, paths, route, this.#putToRest)
    this.#resting.delete(key)
    this.#atWork.set(key, site)
    if (this.#isStopping) site.stop()
    return site
  }

  readonly #putToRest = (site: SiteDelivery): void => {
    const key = keyOf(site.paths)
    if (this.#atWork.get(key) !== site) return
    this.#atWork.delete(key)
    this.#resting.set(key, site.paths)
  }

  #poolOf(queue: QueueName, { pool }: SiteRoute): string {
    return pool ?? this.#context.pools.of(queue)
  }
}

function keyOf({ pool, site }: Pick<SitePaths, 'pool' | 'site'>): string {
  return `${pool} ${site}`
}
