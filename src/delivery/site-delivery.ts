// SPDX-License-Identifier: Apache-2.0
/**
 * Delivery to one site for one pool: a ready queue, the scheduled queues that feed it, the egress paths that pull
 * from it, and their connections. Connections are opened by need: one for each recipient that waits, up to
 * the bounds of the policy; those that are idle go first.
 */
import type { DurationMs, Instant } from '../base/brand.ts'
import { ms } from '../base/brand.ts'
import type { Timer } from '../base/clock.ts'
import { queueLimits } from '../base/limits.ts'
import type { EgressSource, EgressSourceName } from '../queue/egress.ts'
import { EgressPathMachine } from '../queue/egress-path.ts'
import { type Batch, ReadyQueue, type ReadyRecipient } from '../queue/ready-queue.ts'
import { SourceRotation } from '../queue/source-rotation.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { type BatchSource, PathConnection } from './path-connection.ts'
import type { SiteRoute } from './routing.ts'

export class SiteDelivery implements BatchSource {
  readonly ready: ReadyQueue
  readonly #context: DeliveryContext
  readonly #paths = new Map<EgressSourceName, EgressPathMachine>()
  readonly #rotation: SourceRotation<EgressSource>
  readonly #feeders = new Set<QueueName>()
  readonly #connections = new Set<PathConnection>()
  readonly #idle: PathConnection[] = []
  #route: SiteRoute
  #opening = 0
  #isFilling = false
  #isStopping = false
  #wake: Timer | null = null

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
  get isSpent(): boolean {
    const isEmpty =
      this.ready.size === 0 && this.#feeders.size === 0 && this.#connections.size === 0
    return (
      isEmpty &&
      !this.#isFilling &&
      [...this.#paths.values()].every((path) => path.state.kind === 'open')
    )
  }

  /** Hosts as the DNS has them now; the site stays the same by its name. */
  refresh(route: SiteRoute): void {
    this.#route = route
  }

  /** Takes fresh mail into the window; `false` where it must wait in the index. */
  offer(recipient: ReadyRecipient): boolean {
    if (this.#feeders.has(recipient.queue) || this.#isStopping) return false
    if (this.#context.budget.windowed >= queueLimits.windowTotal) return false
    if (this.ready.roomFor(recipient.queue) === 0) return false
    this.#admit(recipient)
    return true
  }

  /** After a round of `offer`: puts connections to work. */
  pump(): void {
    if (this.#isStopping) return
    if (this.ready.size < queueLimits.windowLow && this.#feeders.size > 0) this.#fill()
    for (let left = this.ready.size; left > 0 && this.#idle.length > 0; left--)
      this.#idle.pop()?.resume()
    while (this.#opening < this.ready.size && this.#mayOpen()) if (!this.#open()) return
  }

  /** `queue` has due recipients in the index. */
  feed(queue: QueueName): void {
    this.#feeders.add(queue)
    this.pump()
  }

  /** The next batch for a connection of `path` that has permission to send. */
  pull(): Batch | null {
    const batch = this.ready.pull()
    if (batch) this.#context.budget.windowed -= batch.length
    if (this.ready.size < queueLimits.windowLow && this.#feeders.size > 0) this.#fill()
    return batch
  }

  putBack(batch: Batch): void {
    this.ready.putBack(batch)
    this.#context.budget.windowed += batch.length
  }

  /** Takes out of the window what `isWanted` names; it stays owned by the caller. */
  remove(isWanted: (recipient: ReadyRecipient) => boolean): readonly ReadyRecipient[] {
    const removed = this.ready.remove(isWanted)
    this.#context.budget.windowed -= removed.length
    return removed
  }

  /** A person stopped these queues: they feed no more. */
  unfeed(isStopped: (queue: QueueName) => boolean): void {
    for (const queue of [...this.#feeders]) if (isStopped(queue)) this.#feeders.delete(queue)
  }

  /** A person wants the site tried now. */
  resumePaths(): void {
    for (const path of this.#paths.values()) path.resume()
    this.pump()
  }

  /** Connections finish their transaction and close; nothing new begins. */
  stop(): void {
    this.#isStopping = true
    this.#wake?.cancel()
    for (const path of this.#paths.values()) path.drain()
    for (const connection of this.#idle.splice(0)) connection.resume()
  }

  /** Called by a connection that has nothing to send and waits for `resume`. */
  parkIdle(connection: PathConnection): void {
    this.#idle.push(connection)
  }

  unparkIdle(connection: PathConnection): void {
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
  }

  /** Called by a connection when it is through with connecting. */
  opened(): void {
    this.#opening--
  }

  #mayOpen(): boolean {
    const policy = this.#context.policy()
    return (
      this.#connections.size < policy.connectionsPerSite &&
      this.#context.budget.connections < policy.connections
    )
  }

  #open(): boolean {
    const now = this.#context.clock.now()
    let wakeAt: Instant | null = null
    const refused = new Set<EgressSource>()
    for (;;) {
      const source = this.#rotation.next((candidate) => !refused.has(candidate))
      const path = source && this.#paths.get(source.name)
      if (!source || !path) break
      const permission = path.next(now)
      if (permission.kind === 'go') {
        this.#start(source, path)
        return true
      }
      refused.add(source)
      if (permission.kind === 'wait' && (wakeAt === null || permission.until < wakeAt))
        wakeAt = permission.until
    }
    if (wakeAt !== null) this.#wakeIn(ms(Math.max(0, wakeAt - now)))
    return false
  }

  #start(source: EgressSource, path: EgressPathMachine): void {
    const connection = new PathConnection(this.#context, this, source, path)
    this.#connections.add(connection)
    this.#context.budget.connections++
    this.#opening++
    this.#context.lifecycle.background('delivery connection', async () => {
      try {
        await connection.run()
      } finally {
        this.#connections.delete(connection)
        this.#context.budget.connections--
        this.pump()
      }
    })
  }

  #wakeIn(delay: DurationMs): void {
    this.#wake?.cancel()
    this.#wake = this.#context.clock.after(delay, () => {
      this.#wake = null
      this.pump()
    })
  }

  #fill(): void {
    if (this.#isFilling || this.#isStopping) return
    this.#isFilling = true
    this.#context.lifecycle.background('fill of a ready queue', async () => {
      try {
        for (const queue of [...this.#feeders]) await this.#fillFrom(queue)
      } finally {
        this.#isFilling = false
      }
      if (this.ready.size > 0) this.pump()
    })
  }

  async #fillFrom(queue: QueueName): Promise<void> {
    const room = Math.min(
      this.ready.roomFor(queue),
      queueLimits.windowTotal - this.#context.budget.windowed,
    )
    if (room <= 0) return
    const taken = await this.#context.spool.take(queue, this.#context.clock.now(), room)
    const readySince = this.#context.clock.monotonic()
    for (const waiting of taken.recipients) this.#admit({ waiting, queue, readySince })
    if (taken.recipients.length === room && taken.nextDueAt !== null) return
    this.#feeders.delete(queue)
    if (taken.nextDueAt !== null) this.#context.onWaiting(queue, taken.nextDueAt)
  }

  #admit(recipient: ReadyRecipient): void {
    this.ready.push(recipient)
    this.#context.budget.windowed++
  }
}
