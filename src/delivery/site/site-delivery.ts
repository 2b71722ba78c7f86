// SPDX-License-Identifier: Apache-2.0
/**
 * Delivery to one site for one pool: a ready queue, the scheduled queues that feed it, the egress paths that pull from it, and their
 * connections. Connections are opened by need: one for each recipient that waits, up to the bounds of the policy; those that are idle go first.
 *
 * While every path rests the window is empty: its mail waits in the index, so that it takes no room from other sites and
 * is routed anew when a path may be tried again. Until a path is known to work the index gives one recipient at a time: a
 * site that is down costs one look a rest, however much waits for it.
 */
import type { DurationMs, Instant } from '../../base/brand.ts'
import { queueLimits } from '../../base/limits/limits.ts'
import type { Reach } from '../../queue/berth.ts'
import type { EgressPathMachine } from '../../queue/egress-path.ts'
import { type Batch, ReadyQueue, type ReadyRecipient } from '../../queue/ready-queue.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { SiteRoute } from '../routing/routing.ts'
import type { BatchSource } from './batch-source.ts'
import { ConnectionStarts } from './connection-starts.ts'
import { IdleConnections } from './idle-connections.ts'
import { InFlight } from './in-flight.ts'
import { PathConnection } from './path-connection.ts'
import type { PathShaper } from './path-shaper.ts'
import type { ChosenPath, SitePaths } from './site-paths.ts'
import { SiteShaping } from './site-shaping.ts'
import { type FilledSite, WindowFiller } from './window-filler.ts'

export class SiteDelivery implements BatchSource, FilledSite {
  readonly ready: ReadyQueue
  readonly paths: SitePaths
  readonly #context: DeliveryContext
  /** Made when the index first has mail for it: of very many sites most are offered what they get. */
  #filler: WindowFiller | null = null
  #connections = 0
  /** Made with the first that idles. */
  #idle: IdleConnections | null = null
  readonly inFlight = new InFlight()
  #transactionLimit: number = queueLimits.recipientsPerTransaction
  readonly shaping: SiteShaping
  readonly #onRest: (site: SiteDelivery) => void
  #route: SiteRoute
  readonly #starts: ConnectionStarts<PathConnection>
  #isStopping = false

  /** `onRest`: nothing is in hand any more, and every path rests. */
  constructor(
    context: DeliveryContext,
    paths: SitePaths,
    route: SiteRoute,
    onRest: (site: SiteDelivery) => void,
  ) {
    this.#context = context
    this.paths = paths
    this.#route = route
    this.#onRest = onRest
    this.#starts = new ConnectionStarts(context.clock)
    this.ready = new ReadyQueue(paths.pool, paths.site, context.campaigns)
    this.shaping = new SiteShaping(context, paths, route, this)
  }

  get connectionCount(): number {
    return this.#connections
  }

  get route(): SiteRoute {
    return this.#route
  }

  get appetite(): number {
    if (this.paths.works) return Number.POSITIVE_INFINITY
    return Math.max(0, 1 - this.ready.size - this.#connections)
  }

  /** Until then nothing is tried; `null`: something may be, or is open. */
  restsUntil(now: Instant): Instant | null {
    return this.#connections > 0 ? null : this.paths.restUntil(now)
  }

  /** Nothing waits, nothing is open: the site may be forgotten. A path that rests is remembered. */
  isSpent(now: Instant): boolean {
    const isEmpty = this.ready.wholeSize === 0 && this.#connections === 0
    return isEmpty && this.#filler?.isIdle !== false && this.paths.isForgettable(now)
  }

  /** Hosts as the DNS has them now; the site stays the same by its name. */
  refresh(route: SiteRoute): void {
    this.#route = route
    this.shaping.refresh(route)
  }

  /** Takes fresh mail into the window; `false` where it must wait in the index, until the site has rested. */
  offer(recipient: ReadyRecipient): boolean {
    if (this.#filler?.has(recipient.queue) || this.#isStopping) return false
    if (this.restsUntil(this.#context.clock.now()) !== null) return false
    if (this.#context.budget.room === 0) return false
    if (this.ready.roomFor(recipient.queue) === 0) return false
    this.admit(recipient)
    return true
  }

  /** After a round of `offer`: puts connections to work. */
  pump(): void {
    this.employ()
    this.#filler?.fillWhereLow(null)
  }

  /** `queue` has due recipients in the index, and its route leads here until `freshUntil`. */
  feed(queue: QueueName, freshUntil: number): void {
    const now = this.#context.clock.now()
    const until = this.restsUntil(now)
    const isStirred = until === null && this.shaping.cold?.isToStir(queue) === true
    if (isStirred) this.release(now)
    if (until !== null || isStirred) this.#context.onWaiting(queue, until ?? now)
    else if (!this.#isStopping) {
      this.#filler ??= new WindowFiller(this.#context, this)
      this.#filler.feed(queue, freshUntil)
    }
  }

  /** Others wait for connections: one of the path that has no transaction should close. */
  isCrowded(shaper: PathShaper): boolean {
    return shaper.open > shaper.allowed(this.ready.size)
  }

  next(shaper: PathShaper, most: number): Batch | DurationMs | null {
    const isAsked = (shaper.isPaced || this.shaping.cold !== null) && shaper.hasUse
    if (!isAsked || this.ready.size === 0) return this.#take(shaper, most, null)
    const granted = this.shaping.grant(shaper)
    return typeof granted === 'number' ? granted : granted && this.#take(shaper, most, granted)
  }

  pull(shaper: PathShaper): Batch | null {
    return this.#take(shaper, Number.POSITIVE_INFINITY, this.shaping.cold?.reachOf(shaper) ?? null)
  }

  #take(shaper: PathShaper, most: number, reach: Reach | null): Batch | null {
    this.#context.gates.look(this)
    const batch = this.ready.pull(Math.min(most, this.#transactionLimit), shaper.next, reach)
    if (batch) {
      shaper.carries(batch, this.ready)
      this.#context.budget.leaveWindow(batch.length)
      this.inFlight.count(batch, 1)
    }
    this.#filler?.fillWhereLow(batch?.[0].queue ?? null)
    return batch
  }

  settled(shaper: PathShaper, batch: Batch): void {
    shaper.carried(batch)
    this.inFlight.count(batch, -1)
    this.#context.budget.settled()
  }

  limitTransactions(recipients: number): void {
    this.#transactionLimit = Math.min(this.#transactionLimit, recipients)
  }

  putBack(batch: readonly ReadyRecipient[]): void {
    this.ready.putBack(batch)
    this.#context.budget.enterWindow(batch.length)
    if (this.#isStopping) this.release(this.#context.clock.now())
  }

  /** Takes out of the window what `isWanted` names; it stays owned by the caller. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): readonly ReadyRecipient[] {
    const removed = this.ready.remove(isWanted)
    this.#context.budget.leaveWindow(removed.length)
    return removed
  }

  /** All of these queues that is in the window waits in the index again, and they feed no more. Gives those that did. */
  takeOut(isTakenOut: (queue: QueueName) => boolean): ReadonlySet<QueueName> {
    const unfed = this.#filler?.forget(isTakenOut) ?? []
    const out = this.remove(({ queue }) => isTakenOut(queue))
    this.#context.spool.giveBack(out.map(({ waiting }) => waiting))
    return new Set([...unfed, ...out.map(({ queue }) => queue)])
  }

  /** Everything in the window waits in the index again, and its queues are looked at again at `until`. */
  release(until: Instant): void {
    if (this.ready.wholeSize > 0 || this.#filler?.isIdle === false)
      this.releaseWhere(() => true, until)
  }

  /** The same of these queues alone. */
  releaseWhere(isReleased: (queue: QueueName) => boolean, until: Instant): void {
    for (const queue of this.takeOut(isReleased)) this.#context.onWaiting(queue, until)
  }

  /** Connections finish their transaction and close; nothing new begins. */
  stop(): void {
    this.#isStopping = true
    this.#filler?.stop()
    this.shaping.stop()
    for (const path of this.paths) path.drain()
    this.#idle?.resume(Number.POSITIVE_INFINITY, () => true)
  }

  /** Of a path that was stopped: those that idle end. */
  closeIdle(path: EgressPathMachine): void {
    this.#idle?.close(Number.POSITIVE_INFINITY, this.shaping.of(path))
  }

  parkIdle(connection: PathConnection): void {
    this.#idle ??= new IdleConnections(this.#context.budget)
    this.#idle.park(connection)
  }

  unparkIdle(connection: PathConnection): void {
    this.#idle?.unpark(connection)
  }

  opened(connection: PathConnection): void {
    this.#starts.end(connection)
    this.#context.budget.dialed()
  }

  get otherConnections(): number {
    return this.#connections - this.#starts.size - 1
  }

  hasOtherWay(path: EgressPathMachine): boolean {
    return this.paths.hasOpenBeside(path)
  }

  recovered(queue: QueueName): void {
    this.#context.onWorking(queue)
    this.pump()
  }

  /** Puts connections to the work that the window has. */
  employ(): void {
    if (this.#isStopping) return
    const restsUntil = this.restsUntil(this.#context.clock.now())
    if (restsUntil !== null) {
      this.release(restsUntil)
      this.shaping.stop()
      this.#onRest(this)
      return
    }
    this.shaping.beginRound()
    this.#context.gates.look(this)
    // Idle connections go to work first, as far as the rates of their paths let them.
    const waiting = this.ready.size
    const work = this.shaping.cold ?? this.shaping
    const left = waiting - (this.#idle?.resume(waiting, (shaper) => work.maySend(shaper)) ?? 0)
    for (const shaper of this.shaping) {
      const allowed = shaper.allowed(left)
      this.#idle?.close(shaper.open - allowed, shaper)
    }
    while (this.#starts.fresh < left) if (!this.#open(left)) return
  }

  /** `false`: not now; the end of a connection wakes us, or the budget, or the clock. */
  #open(waiting: number): boolean {
    const { budget, policy } = this.#context
    // Of very many sites most wait here: they need no limits before there is a connection for one.
    if (this.#connections === 0 && !budget.hasConnection(policy().connections)) {
      budget.awaitConnection(this)
      return false
    }
    const chosen = this.shaping.choose(waiting, this.#starts)
    if (chosen === null) return false
    const isFree = budget.openConnection(this, policy().connections)
    if (isFree) this.#start(chosen)
    else chosen.path.unused()
    return isFree
  }

  #start({ source, path }: ChosenPath): void {
    const shaper = this.shaping.of(path)
    shaper.opens(this.#context.clock.monotonic())
    shaper.open++
    const connection = new PathConnection(this.#context, this, source, path, shaper)
    this.#connections++
    this.#starts.begin(connection)
    if (this.paths.size > 1) this.#starts.watch(connection, source, () => this.pump())
    this.#context.lifecycle.background('delivery connection', async () => {
      try {
        await connection.run()
      } finally {
        this.#connections--
        shaper.open--
        // `employ` tells the limits, but for a site that stops.
        if (this.#isStopping) shaper.allowed(0)
        this.#context.budget.connectionClosed()
        this.pump()
      }
    })
  }

  admit(recipient: ReadyRecipient): void {
    this.ready.push(recipient)
    this.#context.budget.enterWindow(1)
  }
}
