// SPDX-License-Identifier: Apache-2.0
/**
 * The limits of a site's paths, and when the site looks at them again: one timer for the first path that may go on. In one round of
 * work each paced path gets one connection more; the next round comes when there is a slot again.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Timer } from '../../base/clock.ts'
import type { Reach } from '../../queue/berth.ts'
import type { EgressPath } from '../../queue/egress.ts'
import type { EgressPathMachine } from '../../queue/egress-path.ts'
import type { ReadyQueue } from '../../queue/ready-queue.ts'
import type { Demand } from '../../queue/shaping/rates.ts'
import type { EffectiveLimits, ShapingRules } from '../../queue/shaping/rules.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { SiteRoute } from '../routing/routing.ts'
import { ALL, ColdSite } from './cold-site.ts'
import type { ConnectionStarts } from './connection-starts.ts'
import { PathShaper, type ShaperUser } from './path-shaper.ts'
import type { ChosenPath, SitePaths } from './site-paths.ts'

/** Another look at a path that has just been given a connection. */
const NEXT_ROUND = ms(1)

const NO_SHAPERS: readonly PathShaper[] = []
const NO_ADDRESSES: readonly string[] = []

/** Whose limits they are. */
export interface ShapedSite {
  readonly ready: ReadyQueue
  /** Looks at its work again. */
  pump(): void
}

export class SiteShaping implements ShaperUser {
  readonly #context: DeliveryContext
  readonly #paths: SitePaths
  readonly #site: ShapedSite
  /**
   * One for each path that was asked for; `null`: none was, as with most of very many sites, which wait for a connection. An array
   * and no map, for most have one path.
   */
  #shapers: PathShaper[] | null = null
  /** Paths that have been given a connection in this round. */
  #used: PathShaper[] | null = null
  /** `null` while no source is warmed up here. */
  #cold: ColdSite | null = null
  #rules: ShapingRules
  #route: SiteRoute
  #timer: Timer | null = null
  #wakesAt = Number.POSITIVE_INFINITY

  constructor(context: DeliveryContext, paths: SitePaths, route: SiteRoute, site: ShapedSite) {
    this.#context = context
    this.#paths = paths
    this.#site = site
    this.#rules = context.shaping()
    this.#route = route
    this.#turnCold()
  }

  /** What goes where while some source is on its way to be known here; `null`: none is. */
  get cold(): ColdSite | null {
    return this.#cold
  }

  /** Those that were asked for. */
  [Symbol.iterator](): IterableIterator<PathShaper> {
    return (this.#shapers ?? NO_SHAPERS).values()
  }

  of({ path }: EgressPathMachine): PathShaper {
    return this.#shapers?.find((each) => each.path === path) ?? this.#make(path)
  }

  /** Hosts as the DNS has them now, rules as they are now. */
  refresh(route: SiteRoute): void {
    const rules = this.#context.shaping()
    const isAsBefore = rules === this.#rules && isSame(route, this.#route)
    this.#rules = rules
    this.#route = route
    if (isAsBefore) return
    for (const shaper of this) shaper.rebind(limitsOf(rules, route, shaper.path.source))
    this.#turnCold()
  }

  /** Where complaints about tenants and campaigns count: the provider, or the site where it has none. */
  get place(): string {
    return limitsOf(this.#rules, this.#route, null).provider ?? this.#paths.site
  }

  /** Each of the paths wants its part of what waits. */
  demand(): Demand {
    const demand = this.#site.ready.demand(this.#context.clock.monotonic())
    const waiting = Math.ceil(demand.waiting / this.#paths.size)
    return { ...demand, waiting, weightedDepth: waiting }
  }

  get urgentWaiting(): number {
    return this.#site.ready.urgentSize
  }

  wake(): void {
    this.#site.pump()
  }

  /** Some path may go on at `until`, monotonic. */
  wakeAt(until: DurationMs): void {
    if (until >= this.#wakesAt) return
    this.#timer?.cancel()
    this.#wakesAt = until
    const delay = Math.max(0, until - this.#context.clock.monotonic())
    this.#timer = this.#context.clock.after(ms(delay), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY
      this.#site.pump()
    })
  }

  /** Nothing waits here any more, and nobody is woken. */
  stop(): void {
    this.#timer?.cancel()
    this.#wakesAt = Number.NEGATIVE_INFINITY
    for (const shaper of this) shaper.allowed(0)
  }

  /** What a path that is paced carries next, and that is spent; an instant: nothing before then; `null`: there is nothing for it. */
  grant(shaper: PathShaper): Reach | DurationMs | null {
    const now = this.#context.clock.monotonic()
    const granted = this.#cold === null ? admitted(shaper, now) : this.#cold.grant(shaper, now)
    if (typeof granted === 'number') this.wakeAt(granted)
    return granted
  }

  /** Which path is to have one more connection, for `waiting` messages; `null`: none may now. */
  choose(
    waiting: number,
    { fresh, slow }: Pick<ConnectionStarts<unknown>, 'fresh' | 'slow'>,
  ): ChosenPath | null {
    const [cold, paths, now] = [this.#cold, this.#paths, this.#context.clock.now()]
    if (cold === null)
      return paths.choose(now, slow, (path) => this.mayOpen(this.of(path), waiting))
    return (
      paths.choose(now, slow, (path) => cold.mayOpen(this.of(path), fresh)) ??
      paths.choose(now, slow, (path) => cold.mayOpenBeside(this.of(path), fresh))
    )
  }

  /** The paths by which mail of a queue may go. */
  waysOf(queue: QueueName): readonly EgressPathMachine[] {
    return this.#cold?.waysOf(queue) ?? [...this.#paths]
  }

  /** After a change of the records: streams may want something else for their mail. `false`: it makes no difference here. */
  sortAnew(): boolean {
    if (this.#cold !== null) this.#site.ready.setBerths(this.#cold.berthOf)
    return this.#cold !== null
  }

  beginRound(): void {
    this.refresh(this.#route)
    if (this.#used !== null) this.#used.length = 0
  }

  /** Whether an open connection of the path has use for a message now. */
  maySend(shaper: PathShaper): boolean {
    if (!shaper.hasUse) return false
    if (!shaper.isPaced) return true
    const now = this.#context.clock.monotonic()
    const admission = shaper.look(now)
    if (admission.kind === 'wait') this.wakeAt(admission.until)
    return admission.kind === 'go' && this.#isFirstInRound(shaper, now)
  }

  /** Whether the path may have one more connection, for `waiting` more messages; `beside` its warm-up. */
  mayOpen(shaper: PathShaper, waiting: number, beside = false): boolean {
    if (!shaper.hasRoom(waiting)) return false
    const now = this.#context.clock.monotonic()
    const admission = shaper.lookToOpen(now, beside)
    if (admission.kind === 'wait') this.wakeAt(admission.until)
    return admission.kind === 'go' && (!shaper.isPaced || this.#isFirstInRound(shaper, now))
  }

  /** Warm-ups may have begun here, or have ended. */
  #turnCold(): void {
    const hasCold = this.#rules.hasWarmUps && this.#hasColdPath()
    if (hasCold === (this.#cold !== null)) return
    this.#cold = hasCold ? new ColdSite(this.#context, this.#paths, this, this.#site.ready) : null
    this.#site.ready.setBerths(this.#cold?.berthOf ?? null)
  }

  #hasColdPath(): boolean {
    for (const { path } of this.#paths)
      if (limitsOf(this.#rules, this.#route, path.source).coldSince !== null) return true
    return false
  }

  #isFirstInRound(shaper: PathShaper, now: DurationMs): boolean {
    this.#used ??= []
    if (this.#used.includes(shaper)) {
      this.wakeAt(ms(now + NEXT_ROUND))
      return false
    }
    this.#used.push(shaper)
    return true
  }

  #make(path: EgressPath): PathShaper {
    const limits = limitsOf(this.#rules, this.#route, path.source)
    const shaper = new PathShaper(this.#context, this.#paths.pool, path, limits, this)
    this.#shapers = (this.#shapers ?? []).concat(shaper)
    return shaper
  }
}

function admitted(shaper: PathShaper, now: DurationMs): Reach | DurationMs {
  const admission = shaper.admit(now)
  return admission.kind === 'go' ? ALL : admission.until
}

/** Whether rules say the same of both. Domains of one site have a route each, and messages to them come in any order. */
function isSame(one: SiteRoute, other: SiteRoute): boolean {
  if (one === other) return true
  if (one.domainRule !== other.domainRule || one.hosts.length !== other.hosts.length) return false
  return one.hosts.every(({ name, preference }, at) => {
    const host = other.hosts[at]
    if (host?.name !== name || host.preference !== preference) return false
    const [addresses, others] = [one.addresses.get(name), other.addresses.get(name)]
    return addresses === others || addresses?.join() === others?.join()
  })
}

/** Of a path from `source` (`null`: from any): by the hosts that are tried first. */
export function limitsOf(
  rules: ShapingRules,
  { addresses, domainRule, hosts }: Pick<SiteRoute, 'addresses' | 'domainRule' | 'hosts'>,
  source: string | null,
): EffectiveLimits {
  const first = Math.min(...hosts.map(({ preference }) => preference))
  const shaped = hosts.flatMap(({ name, preference }) =>
    preference === first ? [{ name, addresses: addresses.get(name) ?? NO_ADDRESSES }] : [],
  )
  return rules.limitsOf({ hosts: shaped, domainRule, source })
}
