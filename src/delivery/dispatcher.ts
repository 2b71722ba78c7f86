// SPDX-License-Identifier: Apache-2.0
/**
 * Where accepted mail goes on: fresh recipients to the window of their site's ready queue, everybody else to the
 * index, from which the scheduler brings each queue back when it is due.
 * Known limits: a site is remembered as long as it has mail, connections or a path that rests.
 */
import type { Instant } from '../base/brand.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import type { Domain } from '../protocol/mailbox.ts'
import type { ReadyRecipient } from '../queue/ready-queue.ts'
import { notBeforeRelease, type WaitingRecipient } from '../spool/message.ts'
import { domainOfQueue, type QueueName, queueOf } from '../spool/queue-name.ts'
import { CampaignsInForce } from './campaigns-in-force.ts'
import { CancelledMail } from './cancelled-mail.ts'
import { watchWallClock } from './clock-watch.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { FlowGates } from './flow-gates.ts'
import { sweepOldMail } from './old-mail.ts'
import { settleUnroutable } from './outcome/unroutable.ts'
import { PacedLines } from './paced-lines.ts'
import { remindAll } from './reminders.ts'
import { LookUps } from './routing/look-ups.ts'
import type { Router, SiteRoute } from './routing/routing.ts'
import { Unrouted } from './routing/unrouted.ts'
import { Scheduler } from './scheduler.ts'
import type { SiteDelivery } from './site/site-delivery.ts'
import type { SitePaths } from './site/site-paths.ts'
import { SiteTable } from './site/site-table.ts'
import { StoppedQueues } from './stopped-queues.ts'
import { STEP, takeAll, takeDue } from './taking.ts'
import { TrialLine } from './trial-line.ts'
import { WindowTurns } from './window-turns.ts'

export class Dispatcher {
  readonly #context: DeliveryContext
  readonly #router: Router
  readonly #scheduler: Scheduler
  readonly #trials: TrialLine
  readonly #sites: SiteTable
  readonly #unrouted: Unrouted
  /** Queues that were due and whose domain is being looked up. */
  readonly #asking = new Set<QueueName>()
  readonly #lookUps: LookUps
  /** Queues whose site a person wants tried, however it rests, when they are fed next. */
  readonly #retried = new Set<QueueName>()
  readonly #stopped: StoppedQueues
  readonly #cancelled: CancelledMail
  readonly #paced: PacedLines
  readonly #windows: WindowTurns
  readonly campaigns: CampaignsInForce

  constructor(
    context: Omit<DeliveryContext, 'gates' | 'onWaiting' | 'onWorking' | 'routeOf' | 'campaigns'>,
    router: Router,
  ) {
    this.#router = router
    this.#scheduler = new Scheduler(context.clock, (queue) => this.#onDue(queue))
    const campaigns = new CampaignsInForce(() => context.directory().campaigns, context.clock)
    this.campaigns = campaigns
    this.#stopped = new StoppedQueues(context, campaigns)
    this.#cancelled = new CancelledMail(context, {
      takeAll: (queue) => this.takeAll(queue),
      cancelledBy: (queue) => this.#stopped.cancelledBy(queue),
      giveBack: (recipient) => this.#leaveInIndex(recipient),
    })
    this.#context = {
      ...context,
      gates: new FlowGates(context),
      campaigns,
      routeOf: (domain) => router.route(domain),
      onWaiting: (queue, at) => this.waits(queue, at),
      onWorking: (queue) => this.#trials.pass(queue),
    }
    this.#paced = new PacedLines(context, campaigns, (queue) => this.#release(queue))
    this.#windows = new WindowTurns(context.clock, campaigns, () => this.#takeOutStopped())
    this.#sites = new SiteTable(this.#context)
    this.#lookUps = new LookUps(router, context.begun)
    this.#unrouted = new Unrouted(context.budget, (domain, first) =>
      this.#context.lifecycle.background('look-up of a domain', () => this.#route(domain, first)),
    )
    this.#trials = new TrialLine(context, {
      isOutOfDoubt: (queue) => this.pathsOf(queue)?.works === true,
      // What asks for more than can be answered, or finds no room, only waits in memory.
      isCrowded: () => this.#asking.size >= dnsLimits.lookUps || context.budget.room === 0,
      onTurn: (queue) => this.#onTurn(queue),
    })
  }

  /** Everything that waits in the index gets its time. */
  start(): void {
    const { lifecycle } = this.#context
    this.refreshStopped()
    this.#remindAll(() => true)
    lifecycle.background('sweep of old mail', () => sweepOldMail(this.#context, this.#sites))
    lifecycle.background('watch of the wall clock', () =>
      watchWallClock(this.#context, () => this.#remindAll(() => true)),
    )
  }

  get sites(): SiteTable {
    return this.#sites
  }

  /** Sources whose proxies do not take us, with why. */
  get cut(): ReadonlyMap<string, string> {
    return this.#context.hops.cut
  }

  /** How mail of a queue goes, as far as that is known without asking. */
  pathsOf(queue: QueueName): SitePaths | null {
    const route = this.#router.known(domainOfQueue(queue))
    return route?.kind === 'site' ? this.#sites.pathsOf(queue, route) : null
  }

  /** After a change of the records: from which pool what goes, and which sources send. What waited for one gets its time. */
  refreshPools(): void {
    this.#sites.refreshPools()
    if (this.#sites.refreshSources()) this.#remindAll(() => true)
  }

  /** From which mail of a queue goes, as far as that is known without asking. */
  poolOf(queue: QueueName): string {
    const route = this.#router.known(domainOfQueue(queue))
    return this.#sites.poolOf(queue, route?.kind === 'site' ? route : null)
  }

  /** After a change of the routes or pools: what is in windows finds its way anew. */
  reroute(): void {
    this.refreshStopped()
    this.#sites.renewPools()
    for (const site of this.#sites.atWork) site.release(this.#context.clock.now())
    // What was released by a site that rested need not wait for that any more.
    this.#remindAll(() => true)
  }

  /** Why a queue sends nothing, in words: a suspension, its tenant, or its campaign; `null`: it does. */
  whyStopped(queue: string): string | null {
    return this.#stopped.reason(queue)
  }

  /** Fresh mail, owned by us from here on. */
  enqueue(recipients: readonly WaitingRecipient[]): void {
    const readySince = this.#context.clock.monotonic()
    const touched = new Set<SiteDelivery>()
    for (const waiting of recipients) {
      const recipient = { waiting, queue: queueOf(waiting.message, waiting.index), readySince }
      const { queue } = recipient
      if (waiting.message.envelope.release || this.#stopped.has(queue) || this.#paced.has(queue))
        this.#leaveInIndex(recipient)
      else this.#admit(recipient, touched)
    }
    for (const site of touched) site.pump()
  }

  /** After a change of the records: what is stopped leaves the windows, what goes on comes back, what is cancelled ends. */
  refreshStopped(): void {
    const isMoved = this.#stopped.refresh()
    this.#paced.refresh()
    this.#windows.refresh()
    this.#takeOutStopped(isMoved)
    if (isMoved !== null) this.#remindAll(isMoved)
  }

  /** Also those that move. What waits for the window of its campaign comes back when that opens. */
  #takeOutStopped(isMoved: ((queue: string) => boolean) | null = null): void {
    const isTakenOut = (queue: string) => this.#stopped.has(queue) || isMoved?.(queue) === true
    for (const site of this.#sites.atWork)
      for (const queue of site.takeOut(isTakenOut)) this.#isHeldBack(queue)
  }

  /** Somebody of a queue waits in the index and is due at `at`; or ends, whose campaign is cancelled. */
  waits(queue: QueueName, at: Instant): void {
    if (this.#stopped.cancelledBy(queue) === null) this.#scheduler.advance(queue, at)
    else this.#cancelled.add(queue)
  }

  /** A person wants these queues tried now: due times and rests are set aside. */
  async retry(queues: readonly QueueName[]): Promise<void> {
    const now = this.#context.clock.now()
    for (const queue of queues) {
      await this.#context.spool.reschedule(queue, now)
      this.#retried.add(queue)
      this.#scheduler.advance(queue, now)
    }
  }

  /** Everything of a queue that is not in flight, in steps; owned by the caller. */
  takeAll(queue: QueueName): AsyncIterable<readonly ReadyRecipient[]> {
    return takeAll(this.#context, this.#sites, queue)
  }

  /** Connections finish the transaction in hand; whatever was to lead to one ends. What memory holds waits in the index as well. */
  stop(): void {
    this.#scheduler.stop()
    this.#paced.stop()
    this.#windows.stop()
    this.#trials.stop()
    this.#sites.stop()
    this.#context.begun.abort()
  }

  /** Everything that waits in the index in these queues gets its time. */
  #remindAll(isWanted: (queue: string) => boolean): void {
    remindAll(this.#context, isWanted, (queue, at) => this.waits(queue, at))
  }

  #admit(recipient: ReadyRecipient, touched: Set<SiteDelivery>): void {
    const domain = domainOfQueue(recipient.queue)
    const route = this.#router.known(domain)
    if (route === null) {
      if (!this.#unrouted.add(domain, recipient)) this.#leaveInIndex(recipient)
    } else if (route.kind === 'site') {
      const site = this.#sites.find(recipient.queue, route, this.#context.clock.now())
      if (typeof site === 'number') this.#leaveInIndex(recipient, site)
      else if (site.offer(recipient)) touched.add(site)
      else this.#leaveInIndex(recipient)
    } else this.#leaveInIndex(recipient)
  }

  /** Due again at `from`, by default at once, or when it may go. */
  #leaveInIndex(recipient: ReadyRecipient, from = this.#context.clock.now()): void {
    this.#context.spool.giveBack([recipient.waiting])
    this.waits(recipient.queue, notBeforeRelease(recipient.waiting.message, from))
  }

  async #route(domain: Domain, first: ReadyRecipient): Promise<void> {
    const route = await this.#lookUps.of(first.queue)
    if (route === null) return
    const fresh = this.#unrouted.end(domain)
    if (route.kind === 'site') this.#offerAll(fresh, route)
    else await settleUnroutable(this.#context, fresh, domain, route)
  }

  #offerAll(recipients: readonly ReadyRecipient[], route: SiteRoute): void {
    const now = this.#context.clock.now()
    for (const recipient of recipients) {
      const site = this.#sites.find(recipient.queue, route, now)
      if (typeof site === 'number') this.#leaveInIndex(recipient, site)
      else if (!this.#stopped.has(recipient.queue) && site.offer(recipient)) site.pump()
      else this.#leaveInIndex(recipient)
    }
  }

  /** It is stopped; where its campaign's window is closed, it is due when that opens. */
  #isHeldBack(queue: QueueName): boolean {
    if (!this.#stopped.has(queue)) return false
    const opensAt = this.#stopped.opensAt(queue)
    if (opensAt !== null) this.#scheduler.advance(queue, opensAt)
    return true
  }

  /** One recipient of a queue whose campaign has a pace; `false`: nobody was there. */
  async #release(queue: QueueName): Promise<boolean> {
    if (this.#isHeldBack(queue)) return false
    const { recipients, nextDueAt } = await takeDue(this.#context, queue, 1)
    if (nextDueAt !== null) this.waits(queue, nextDueAt)
    const touched = new Set<SiteDelivery>()
    for (const recipient of recipients) this.#admit(recipient, touched)
    for (const site of touched) site.pump()
    return recipients.length > 0
  }

  #onDue(queue: QueueName): void {
    if (this.#isHeldBack(queue)) return
    const paths = this.pathsOf(queue)
    if (paths?.works === true) this.#onTurn(queue)
    else this.#trials.add(queue, paths === null || paths.isHopeful ? 'hopeful' : 'hopeless')
  }

  #onTurn(queue: QueueName): void {
    if (this.#asking.has(queue) || this.#isHeldBack(queue)) return
    this.#context.lifecycle.background('feed of a queue', () => this.#feed(queue))
  }

  async #feed(queue: QueueName): Promise<void> {
    const domain = domainOfQueue(queue)
    let route = this.#router.known(domain)
    if (route === null) {
      this.#asking.add(queue)
      route = await this.#lookUps.of(queue)
      this.#asking.delete(queue)
      if (route === null || this.#isHeldBack(queue)) return
    }
    if (route.kind === 'site') {
      if (this.#retried.delete(queue)) this.#sites.resume(queue, route)
      const site = this.#sites.find(queue, route, this.#context.clock.now())
      if (typeof site === 'number') this.#scheduler.advance(queue, site)
      else if (this.#paced.has(queue)) this.#paced.join(queue)
      else site.feed(queue, route.freshUntil)
      return
    }
    const taken = await takeDue(this.#context, queue, STEP)
    if (taken.nextDueAt !== null) this.#scheduler.advance(queue, taken.nextDueAt)
    await settleUnroutable(this.#context, taken.recipients, domain, route)
  }
}
