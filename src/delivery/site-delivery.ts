// SPDX-License-Identifier: Apache-2.0
/**
 * Delivery to one site for one pool: a ready queue, the scheduled queues that feed it, the egress paths that pull
 * from it, and their connections. Connections are opened by need: one for each recipient that waits, up to
 * the bounds of the policy; those that are idle go first.
 *
 * While every path rests the window is empty: its mail waits in the index, so that it takes no room from other sites and
 * is routed anew when a path may be tried again.
 */
import { type Instant, minutes, plus } from '../base/brand.ts'
import { queueLimits } from '../base/limits.ts'
import type { EgressSource, EgressSourceName } from '../queue/egress.ts'
import { EgressPathMachine } from '../queue/egress-path.ts'
import { type Batch, ReadyQueue, type ReadyRecipient } from '../queue/ready-queue.ts'
import { SourceRotation } from '../queue/source-rotation.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { type BatchSource, PathConnection } from './path-connection.ts'
import type { SiteRoute } from './routing.ts'

/** A path that has rested is remembered for so long after, lest its next rest be a first one. */
const REMEMBERED = minutes(1)

export class SiteDelivery implements BatchSource {
  readonly ready: ReadyQueue
  readonly #context: DeliveryContext
  readonly #paths = new Map<EgressSourceName, EgressPathMachine>()
  readonly #rotation: SourceRotation<EgressSource>
  /** Queues that may have due recipients in the index; each feed is told apart from the one before. */
  readonly #feeders = new Map<QueueName, symbol>()
  readonly #connections = new Set<PathConnection>()
  readonly #idle: PathConnection[] = []
  readonly #wake = (): void => this.pump()
  #route: SiteRoute
  #opening = 0
  #isFilling = false
  #isFillWanted = false
  #isStopping = false

  constructor(context: DeliveryContext, pool: string, route: SiteRoute) {
    this.#context = context
    this.#route = route
    this.ready = new ReadyQueue(pool, route.site)
    const sources = context.sourcesOf(pool)
    this.#rotation = new SourceRotation(sources.map((item) => ({ item, weight: 1 })))
    for (const { name } of sources) {
      const machine = new EgressPathMachine(
        { source: name, site: route.site },
        context.policy().siteRests,
        context.random,
      )
      this.#paths.set(name, machine)
    }
  }

  get paths(): Iterable<EgressPathMachine> {
    return this.#paths.values()
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  get route(): SiteRoute {
    return this.#route
  }

  /** Nothing waits, nothing is open: the site may be forgotten. A path that rests is remembered. */
  isSpent(now: Instant): boolean {
    const isEmpty =
      this.ready.size === 0 && this.#feeders.size === 0 && this.#connections.size === 0
    return (
      isEmpty &&
      !this.#isFilling &&
      [...this.#paths.values()].every(
        ({ state }) => state.kind !== 'backoff' || plus(state.until, REMEMBERED) <= now,
      )
    )
  }

  /** Hosts as the DNS has them now; the site stays the same by its name. */
  refresh(route: SiteRoute): void {
    this.#route = route
  }

  /** Takes fresh mail into the window; `false` where it must wait in the index. */
  offer(recipient: ReadyRecipient): boolean {
    if (this.#feeders.has(recipient.queue) || this.#isStopping) return false
    if (this.#context.budget.room === 0) return false
    if (this.ready.roomFor(recipient.queue) === 0) return false
    this.#admit(recipient)
    return true
  }

  /** After a round of `offer`: puts connections to work. */
  pump(): void {
    this.#employ()
    this.#fillWhereLow()
  }

  /** `queue` has due recipients in the index. It gets its share of the window at once, however full that is. */
  feed(queue: QueueName): void {
    // Last in turn: a fill that is under way comes to it again, since it may have looked too early.
    this.#feeders.delete(queue)
    this.#feeders.set(queue, Symbol(queue))
    this.#fill()
  }

  /** Other workers wait for connections to this site: one of ours that has no transaction should close. */
  isCrowded(): boolean {
    return this.#connections.size > this.#slots(this.ready.size)
  }

  /** The next batch for a connection of `path` that has permission to send. */
  pull(): Batch | null {
    const batch = this.ready.pull()
    if (batch) this.#context.budget.leaveWindow(batch.length)
    this.#fillWhereLow()
    return batch
  }

  putBack(batch: Batch): void {
    this.ready.putBack(batch)
    this.#context.budget.enterWindow(batch.length)
  }

  /** Takes out of the window what `isWanted` names; it stays owned by the caller. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): readonly ReadyRecipient[] {
    const removed = this.ready.remove(isWanted)
    this.#context.budget.leaveWindow(removed.length)
    return removed
  }

  /** A person stopped these queues: they feed no more. */
  unfeed(isStopped: (queue: QueueName) => boolean): void {
    for (const queue of [...this.#feeders.keys()]) if (isStopped(queue)) this.#feeders.delete(queue)
  }

  /** Everything in the window waits in the index again, and its queues are looked at again at `until`. */
  release(until: Instant): void {
    const released = this.remove(() => true)
    this.#context.spool.giveBack(released.map(({ waiting }) => waiting))
    const queues = new Set([...this.#feeders.keys(), ...released.map(({ queue }) => queue)])
    this.#feeders.clear()
    for (const queue of queues) this.#context.onWaiting(queue, until)
  }

  /** A person wants the site tried now. */
  resumePaths(): void {
    for (const path of this.#paths.values()) path.resume()
    this.pump()
  }

  /** Connections finish their transaction and close; nothing new begins. */
  stop(): void {
    this.#isStopping = true
    for (const path of this.#paths.values()) path.drain()
    while (this.#idle.length > 0) this.#resumeIdle()
  }

  /** Called by a connection that has nothing to send and waits for `resume`. */
  parkIdle(connection: PathConnection): void {
    this.#idle.push(connection)
    this.#context.budget.idle(connection)
  }

  unparkIdle(connection: PathConnection): void {
    this.#context.budget.busy(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
  }

  /** Called by a connection when it is through with connecting. */
  opened(): void {
    this.#opening--
  }

  /** Called by a connection whose probe has shown that the site works again. */
  recovered(): void {
    this.pump()
  }

  #employ(): void {
    if (this.#isStopping) return
    let left = this.ready.size
    for (; left > 0 && this.#idle.length > 0; left--) this.#resumeIdle()
    const allowed = this.#slots(left)
    for (let excess = this.#connections.size - allowed; excess > 0; excess--)
      this.#idle[0]?.giveUp()
    while (this.#opening < left && this.#connections.size < allowed) if (!this.#open()) return
  }

  #resumeIdle(): void {
    const connection = this.#idle.pop()
    if (!connection) return
    this.#context.budget.busy(connection)
    connection.resume()
  }

  /** Connections that may be open now; more are asked for where there is work for `waiting` more. */
  #slots(waiting: number): number {
    const used = this.#connections.size
    const key = `${this.ready.pool} ${this.ready.site}`
    return this.#context.slots.allowed(key, used, used + waiting, this.#wake)
  }

  /** `false`: not now; something wakes us when it is worth another try. */
  #open(): boolean {
    const { budget, clock, policy } = this.#context
    const now = clock.now()
    let wakeAt: Instant | null = null
    const refused = new Set<EgressSource>()
    for (;;) {
      const source = this.#rotation.next((candidate) => !refused.has(candidate))
      const path = source && this.#paths.get(source.name)
      if (!source || !path) break
      const permission = path.next(now)
      if (permission.kind === 'go') {
        const isFree = budget.openConnection(this, policy().connections)
        if (isFree) this.#start(source, path)
        else path.unused()
        return isFree
      }
      refused.add(source)
      if (permission.kind === 'wait' && (wakeAt === null || permission.until < wakeAt))
        wakeAt = permission.until
    }
    // The end of a connection that is still open wakes us.
    if (wakeAt !== null && this.#connections.size === 0) this.release(wakeAt)
    return false
  }

  #start(source: EgressSource, path: EgressPathMachine): void {
    const connection = new PathConnection(this.#context, this, source, path)
    this.#connections.add(connection)
    this.#opening++
    this.#context.lifecycle.background('delivery connection', async () => {
      try {
        await connection.run()
      } finally {
        this.#connections.delete(connection)
        this.#context.budget.connectionClosed()
        this.pump()
      }
    })
  }

  #fillWhereLow(): void {
    if (this.ready.size < queueLimits.windowLow && this.#feeders.size > 0) this.#fill()
  }

  /** One after the other; who asks meanwhile gets another round, for the window may have been looked at too early. */
  #fill(): void {
    this.#isFillWanted = true
    if (this.#isFilling) return
    this.#isFilling = true
    this.#context.lifecycle.background('fill of a ready queue', async () => {
      try {
        while (this.#isFillWanted && !this.#isStopping) {
          this.#isFillWanted = false
          for (const queue of this.#feeders.keys()) await this.#fillFrom(queue)
          this.#employ()
        }
      } finally {
        this.#isFilling = false
      }
    })
  }

  async #fillFrom(queue: QueueName): Promise<void> {
    const { budget, clock, onWaiting, spool } = this.#context
    const room = Math.min(this.ready.roomFor(queue), budget.room)
    if (budget.room === 0) budget.awaitRoom(this)
    if (room <= 0) return
    const feed = this.#feeders.get(queue)
    const { recipients, nextDueAt } = await spool.take(queue, clock.now(), room)
    if (!this.#feeders.has(queue)) {
      // Released or stopped meanwhile.
      spool.giveBack(recipients)
      onWaiting(queue, clock.now())
      return
    }
    const readySince = clock.monotonic()
    for (const waiting of recipients) this.#admit({ waiting, queue, readySince })
    const hasMore = recipients.length === room && nextDueAt !== null
    if (hasMore || this.#feeders.get(queue) !== feed) return
    this.#feeders.delete(queue)
    if (nextDueAt !== null) onWaiting(queue, nextDueAt)
  }

  #admit(recipient: ReadyRecipient): void {
    this.ready.push(recipient)
    this.#context.budget.enterWindow(1)
  }
}
