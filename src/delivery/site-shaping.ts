// SPDX-License-Identifier: Apache-2.0
/**
 * The limits of a site's paths, and when the site looks at them again: one timer for the first path that may go on. In one round of
 * work each paced path gets one connection more; the next round comes when there is a slot again.
 */
import { type DurationMs, ms } from '../base/brand.ts'
import type { Timer } from '../base/clock.ts'
import type { EgressPathMachine } from '../queue/egress-path.ts'
import type { ReadyQueue } from '../queue/ready-queue.ts'
import type { Demand, LaneUser } from '../queue/shaping/rates.ts'
import type { EffectiveLimits, ShapingRules } from '../queue/shaping/rules.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { PathShaper } from './path-shaper.ts'
import type { SiteRoute } from './routing.ts'
import type { SitePaths } from './site-paths.ts'

/** Another look at a path that has just been given a connection. */
const NEXT_ROUND = ms(1)

export class SiteShaping implements LaneUser {
  readonly #context: DeliveryContext
  readonly #ready: ReadyQueue
  readonly #pump: () => void
  /** One for each path. Arrays and no maps, for there are very many sites with one path each. */
  readonly #shapers: readonly PathShaper[]
  readonly #usedInRound: PathShaper[] = []
  #rules: ShapingRules
  #route: SiteRoute
  #timer: Timer | null = null
  #wakesAt = Number.POSITIVE_INFINITY

  constructor(
    context: DeliveryContext,
    paths: SitePaths,
    route: SiteRoute,
    ready: ReadyQueue,
    pump: () => void,
  ) {
    this.#context = context
    this.#ready = ready
    this.#pump = pump
    this.#rules = context.shaping()
    this.#route = route
    this.#shapers = Array.from(paths, ({ path }) => {
      const limits = limitsOf(this.#rules, route, path.source)
      return new PathShaper(context, paths.pool, path, limits, this)
    })
  }

  [Symbol.iterator](): IterableIterator<PathShaper> {
    return this.#shapers.values()
  }

  of(path: EgressPathMachine): PathShaper {
    const shaper = this.#shapers.find((each) => each.path === path.path)
    if (shaper === undefined) throw new RangeError(`path ${path.path.source} is of another site`)
    return shaper
  }

  /** Hosts as the DNS has them now, rules as they are now. */
  refresh(route: SiteRoute): void {
    const rules = this.#context.shaping()
    if (rules === this.#rules && route === this.#route) return
    this.#rules = rules
    this.#route = route
    for (const shaper of this.#shapers) shaper.rebind(limitsOf(rules, route, shaper.path.source))
  }

  /** Each of the paths wants its part of what waits. */
  demand(): Demand {
    const demand = this.#ready.demand(this.#context.clock.monotonic())
    const waiting = Math.ceil(demand.waiting / this.#shapers.length)
    return { ...demand, waiting, weightedDepth: waiting }
  }

  wake(): void {
    this.#pump()
  }

  /** Some path may go on at `until`, monotonic. */
  wakeAt(until: DurationMs): void {
    if (until >= this.#wakesAt) return
    this.#timer?.cancel()
    this.#wakesAt = until
    const delay = Math.max(0, until - this.#context.clock.monotonic())
    this.#timer = this.#context.clock.after(ms(delay), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY
      this.#pump()
    })
  }

  /** Nothing waits here any more, and nobody is woken. */
  stop(): void {
    this.#timer?.cancel()
    this.#wakesAt = Number.NEGATIVE_INFINITY
    for (const shaper of this) shaper.allowed(0)
  }

  beginRound(): void {
    this.refresh(this.#route)
    this.#usedInRound.length = 0
  }

  /** Whether an open connection of the path has use for a message now. */
  maySend(shaper: PathShaper): boolean {
    if (!shaper.isPaced) return true
    const now = this.#context.clock.monotonic()
    const admission = shaper.look(now)
    if (admission.kind === 'wait') this.wakeAt(admission.until)
    return admission.kind === 'go' && this.#isFirstInRound(shaper, now)
  }

  /** Whether the path may have one more connection, for `waiting` more messages. */
  mayOpen(shaper: PathShaper, waiting: number): boolean {
    if (shaper.open >= shaper.allowed(waiting)) return false
    const now = this.#context.clock.monotonic()
    const admission = shaper.lookToOpen(now)
    if (admission.kind === 'wait') this.wakeAt(admission.until)
    return admission.kind === 'go' && (!shaper.isPaced || this.#isFirstInRound(shaper, now))
  }

  #isFirstInRound(shaper: PathShaper, now: DurationMs): boolean {
    if (this.#usedInRound.includes(shaper)) {
      this.wakeAt(ms(now + NEXT_ROUND))
      return false
    }
    this.#usedInRound.push(shaper)
    return true
  }
}

/** Of a path from `source` (`null`: from any): by the hosts that are tried first. */
export function limitsOf(
  rules: ShapingRules,
  { domainRule, hosts }: Pick<SiteRoute, 'domainRule' | 'hosts'>,
  source: string | null,
): EffectiveLimits {
  const first = Math.min(...hosts.map(({ preference }) => preference))
  const names = hosts.flatMap(({ name, preference }) => (preference === first ? [name] : []))
  return rules.limitsOf({ hosts: names, domainRule, source })
}
