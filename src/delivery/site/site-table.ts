// SPDX-License-Identifier: Apache-2.0
/**
 * The sites that are known. One that has mail in hand, or connections, is at work; one that rests with nothing in hand is its
 * paths and nothing else, so that a hundred thousand dead sites are remembered in little memory.
 *
 *   (unknown) ──mail──▶ at work ──every path rests──▶ resting ──mail, after the rest──▶ at work
 *        ▲                 └───spent───┐                 └───rested long ago───┐
 *        └─────────────────────────────┴───────────────────────────────────────┘
 */
import type { Instant } from '../../base/brand.ts'
import type { ShapingRules } from '../../queue/shaping/rules.ts'
import { stopOf } from '../../records/source.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { SiteRoute } from '../routing/routing.ts'
import { SiteDelivery } from './site-delivery.ts'
import { SitePaths, type StopOf } from './site-paths.ts'

export class SiteTable {
  readonly #context: DeliveryContext
  readonly #atWork = new Map<string, SiteDelivery>()
  readonly #resting = new Map<string, SitePaths>()
  /** That have got other sources, and whose last connections end. */
  readonly #retired = new Set<SiteDelivery>()
  /** Of what the paths were told. */
  #sources = '[]'
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
        site.releaseWhere((queue) => pools.of(queue, site.route) !== site.paths.pool, clock.now())
  }

  /** After a change of the records or of a proxy: which sources send. Gives whether one does again that did not. */
  refreshSources(): boolean {
    const { directory, hops } = this.#context
    const text = JSON.stringify([...directory().sources.values(), ...hops.cut])
    if (text === this.#sources) return false
    this.#sources = text
    let isSomeResumed = false
    for (const paths of this.#resting.values())
      isSomeResumed = paths.heed(this.#stopOf) || isSomeResumed
    for (const site of [...this.atWork]) {
      isSomeResumed = site.paths.heed(this.#stopOf) || isSomeResumed
      for (const path of site.paths) if (path.isStopped) site.closeIdle(path)
      site.pump()
    }
    return isSomeResumed
  }

  /** After a reload: a site whose pool is another now begins anew. */
  renewPools(): void {
    const { clock, sourcesOf } = this.#context
    for (const [key, site] of [...this.#atWork]) {
      if (site.paths.isOf(sourcesOf(site.paths.pool))) continue
      this.#atWork.delete(key)
      this.#retired.add(site)
      // What it has in hand waits in the index again; what is under way ends by itself.
      site.release(clock.now())
      site.stop()
    }
    for (const [key, paths] of this.#resting)
      if (!paths.isOf(sourcesOf(paths.pool))) this.#resting.delete(key)
  }

  /** Connections that are open, by source. */
  get connections(): ReadonlyMap<string, number> {
    const open = new Map<string, number>()
    for (const site of [...this.#atWork.values(), ...this.#retired])
      for (const shaper of site.shaping) {
        const { source } = shaper.path
        if (shaper.open > 0) open.set(source, (open.get(source) ?? 0) + shaper.open)
      }
    return open
  }

  /** The paths of all sites. */
  *paths(): Generator<SitePaths> {
    for (const { paths } of this.#atWork.values()) yield paths
    yield* this.#resting.values()
  }

  /** `null` where the site of `route` is unknown. */
  pathsOf(queue: QueueName, route: SiteRoute): SitePaths | null {
    const key = keyOf({ pool: this.poolOf(queue, route), site: route.site })
    return this.#atWork.get(key)?.paths ?? this.#resting.get(key) ?? null
  }

  /** The site to which mail of `queue` goes by `route`; when it rests, an instant: it may be tried then. */
  find(queue: QueueName, route: SiteRoute, now: Instant): SiteDelivery | Instant {
    const pool = this.poolOf(queue, route)
    const key = keyOf({ pool, site: route.site })
    const site = this.#atWork.get(key)
    if (site) {
      site.refresh(route)
      return site
    }
    const paths = this.#resting.get(key) ?? this.#newPaths(pool, route)
    const until = paths.restUntil(now)
    if (until === null) return this.#wake(key, paths, route)
    this.#resting.set(key, paths)
    return until
  }

  /** A person wants it tried, however it rests. */
  resume(queue: QueueName, route: SiteRoute): void {
    const pool = this.poolOf(queue, route)
    const key = keyOf({ pool, site: route.site })
    const pathsOf = () => this.#resting.get(key) ?? this.#newPaths(pool, route)
    const site = this.#atWork.get(key) ?? this.#wake(key, pathsOf(), route)
    for (const path of site.paths) path.tryNow()
    site.pump()
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
    for (const site of this.#retired) if (site.connectionCount === 0) this.#retired.delete(site)
  }

  /** A person, its checks, or its proxy. */
  readonly #stopOf: StopOf = (source) => {
    const { directory, hops } = this.#context
    const record = directory().sources.get(source)
    const stop = record === undefined ? null : stopOf(record.state)
    const cut = hops.cut.get(source)
    return stop ?? (cut === undefined ? null : { by: 'its proxy', why: cut })
  }

  #newPaths(pool: string, { site }: SiteRoute): SitePaths {
    const { sourcesOf, policy, random } = this.#context
    const paths = new SitePaths(pool, site, sourcesOf(pool), policy().siteRests, random)
    paths.heed(this.#stopOf)
    return paths
  }

  #wake(key: string, paths: SitePaths, route: SiteRoute): SiteDelivery {
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

  /** From which mail of `queue` goes by `route`; `null`: that is not known yet. */
  poolOf(queue: QueueName, route: SiteRoute | null): string {
    return route?.pool ?? this.#context.pools.of(queue, route)
  }
}

function keyOf({ pool, site }: Pick<SitePaths, 'pool' | 'site'>): string {
  return `${pool} ${site}`
}
