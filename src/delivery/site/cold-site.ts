// SPDX-License-Identifier: Apache-2.0
/**
 * A site that sources are being warmed up at: what of its mail each path may carry now. A source of the pool that has room takes any;
 * what finds none goes as its stream says:
 *
 *   wait       for room on a source of the pool
 *   overflow   from the overflow pool, else it waits
 *   pass       likewise, and where nothing else has room it passes beside the allowance, which has less for others then
 *
 * Who engages goes first by a source in warm-up; who has not for long goes last, and while it is new not at all.
 */
import { type DurationMs, days, minutes, ms, plus } from '../../base/brand.ts'
import { type Berth, type BerthOf, type Reach, USUAL } from '../../queue/berth.ts'
import type { EgressPath } from '../../queue/egress.ts'
import type { EgressPathMachine } from '../../queue/egress-path.ts'
import type { ReadyQueue } from '../../queue/ready-queue.ts'
import type { Slug, WhenCold } from '../../records/records.ts'
import { bandOf } from '../../spool/band.ts'
import { parseQueueName, type QueueName } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { PathShaper } from './path-shaper.ts'
import type { ChosenPath, SitePaths } from './site-paths.ts'

export const ALL: Reach = { has: () => true, isBestFirst: false }
/** Of a source in warm-up, and of one that is new: who has not engaged for long does not hear from it. */
const BEST: Reach = { has: () => true, isBestFirst: true }
const GLAD: Reach = { has: ({ band }) => band > 0, isBestFirst: true }
const LESSER: Reach = { has: ({ band }) => band < 3, isBestFirst: false }
const STIR_EVERY = minutes(1)
const PASSING: Reach = { has: ({ whenCold }) => whenCold === 'pass', isBestFirst: false }

/** What the limits of a site's paths let happen, the warm-up among them unless it is `beside` it. */
interface Permits {
  of(path: EgressPathMachine): PathShaper
  maySend(shaper: PathShaper): boolean
  mayOpen(shaper: PathShaper, waiting: number, beside?: boolean): boolean
}

export class ColdSite {
  readonly #context: DeliveryContext
  readonly #paths: SitePaths
  readonly #shaping: Permits
  readonly #ready: ReadyQueue
  #stirAt: DurationMs = ms(Number.NEGATIVE_INFINITY)

  constructor(context: DeliveryContext, paths: SitePaths, shaping: Permits, ready: ReadyQueue) {
    this.#context = context
    this.#paths = paths
    this.#shaping = shaping
    this.#ready = ready
  }

  readonly berthOf: BerthOf = ({ waiting: { index, message } }) => ({
    whenCold: this.#whenCold(message.tenant, message.stream),
    band: bandOf(message, index),
  })

  /** The paths by which mail of a queue may go, as far as allowances go. */
  waysOf(queue: QueueName): readonly EgressPathMachine[] {
    const parts = parseQueueName(queue)
    const whenCold = this.#whenCold(parts?.tenant ?? '', parts?.stream ?? '')
    return this.#waysOf({ whenCold, band: 3 })
  }

  /** Whether all of the queue that is ready is for recipients whom no path carries, since they have not engaged for long. */
  isForNobodyGlad(queue: QueueName): boolean {
    for (const recipient of this.#ready)
      if (recipient.queue === queue && this.#waysOf(this.berthOf(recipient)).length > 0)
        return false
    return true
  }

  #waysOf(berth: Berth): readonly EgressPathMachine[] {
    return [...this.#paths].filter((path) => this.reachOf(this.#shaping.of(path)).has(berth))
  }

  #whenCold(tenant: string, stream: string): WhenCold {
    const found = this.#context.directory().stream(tenant as Slug, stream as Slug)
    return found?.whenCold ?? USUAL.whenCold
  }

  /** What the path carries next, and that is spent; an instant: nothing before then; `null`: there is nothing for it. */
  grant(shaper: PathShaper, now: DurationMs): Reach | DurationMs | null {
    const within = this.reachOf(shaper)
    const admission = this.#ready.countFor(within, shaper.next) === 0 ? null : shaper.admit(now)
    if (admission?.kind === 'go') return within
    const isBeside = this.#hasPassing(shaper, now) && shaper.admitBeside(now).kind === 'go'
    return isBeside ? PASSING : (admission?.until ?? null)
  }

  /** Whether an open connection of the path has use for a message now. */
  maySend(shaper: PathShaper): boolean {
    const isWithin = this.#ready.countFor(this.reachOf(shaper), shaper.next) > 0
    if (isWithin && this.#shaping.maySend(shaper)) return true
    return this.#hasPassing(shaper, this.#context.clock.monotonic())
  }

  /** Whether the path may have one more connection, `fresh` being made already. */
  mayOpen(shaper: PathShaper, fresh: number): boolean {
    const waiting = this.#ready.countFor(this.reachOf(shaper))
    return waiting > fresh && this.#shaping.mayOpen(shaper, waiting)
  }

  /** The same for mail that passes beside the warm-up. */
  mayOpenBeside(shaper: PathShaper, fresh: number): boolean {
    const waiting = this.#ready.countFor(PASSING)
    if (waiting <= fresh || !this.#hasPassing(shaper, this.#context.clock.monotonic())) return false
    return this.#shaping.mayOpen(shaper, waiting, true)
  }

  /**
   * The window is full of those who engage less, and somebody of the queue waits who may engage more: it is filled anew from the index,
   * which gives the best first. At most once a minute.
   */
  isToStir(queue: QueueName): boolean {
    const now = this.#context.clock.monotonic()
    if (now < this.#stirAt || this.#ready.roomFor(queue) > 0) return false
    if (this.#ready.countFor(LESSER) === 0) return false
    this.#stirAt = ms(now + STIR_EVERY)
    return true
  }

  /** What the path may carry as far as its allowance goes. */
  reachOf(shaper: PathShaper): Reach {
    const { path } = shaper
    const isOverflow = this.#isOverflow(path)
    const reach = this.#gladOf(shaper)
    if (!isOverflow || !this.#isOwnCold()) return reach
    return { ...reach, has: (berth) => berth.whenCold !== 'wait' && reach.has(berth) }
  }

  #gladOf({ limits: { coldSince } }: PathShaper): Reach {
    if (coldSince === null) return ALL
    const { earlyDays } = this.#context.engagedPolicy()
    return this.#context.clock.now() < plus(coldSince, days(earlyDays)) ? GLAD : BEST
  }

  /** Some source of the pool itself has room for it by and by. */
  #isOwnCold(): boolean {
    return this.#paths.all.some(
      (each) => !each.isOverflow && this.#isUp(each) && this.#shaping.of(each.path).isCold,
    )
  }

  /** The path is cold and has no room, nor has another that works; the overflow pool is not asked while a source of the pool works. */
  #hasPassing(shaper: PathShaper, now: DurationMs): boolean {
    if (!shaper.isCold || this.#ready.countFor(PASSING) === 0) return false
    if (this.#isOverflow(shaper.path) && this.#hasOwnUp()) return false
    return !this.#paths.all.some(
      (each) => this.#isUp(each) && this.#shaping.of(each.path).hasAllowance(now),
    )
  }

  #isOverflow(path: EgressPath): boolean {
    return this.#paths.all.some((each) => each.path.path === path && each.isOverflow)
  }

  #hasOwnUp(): boolean {
    return this.#paths.all.some((each) => !each.isOverflow && this.#isUp(each))
  }

  #isUp({ path }: ChosenPath): boolean {
    return (
      path.state.kind === 'open' ||
      (path.state.kind === 'backoff' && path.restsUntil(this.#context.clock.now()) === null)
    )
  }
}
