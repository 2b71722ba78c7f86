// SPDX-License-Identifier: Apache-2.0
/**
 * One connection of an egress path, from connect to QUIT: it pulls batches while its path permits, waits a while
 * when there is nothing to send, and says what every attempt came to. An outcome is written
 * before the next transaction begins, so that a crash repeats at most one transaction a connection.
 */
import type { DurationMs } from '../../base/brand.ts'
import type { Deadline } from '../../base/deadline-wheel.ts'
import { reply } from '../../protocol/reply.ts'
import type { EgressSource } from '../../queue/egress.ts'
import type { EgressPathMachine } from '../../queue/egress-path.ts'
import { type Batch, isExpired } from '../../queue/ready-queue.ts'
import type { ClientSession, TransactionResult } from '../../smtp/client-session.ts'
import type { FoundContent, SpooledContent } from '../../spool/content.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { restPath, settleAttempt } from '../outcome/attempt-settlement.ts'
import { bouncedByUs, deferredByUs, type Outcome } from '../outcome/outcome.ts'
import { dialOutcome, leftOver, transactionOutcomes } from '../outcome/outcome-of-reply.ts'
import type { TlsRule } from '../routing/routing-rules.ts'
import type { BatchSource, WorkingConnection } from './batch-source.ts'
import { transactionOf } from './batch-transaction.ts'
import { pacedIdle } from './idle-connections.ts'
import type { PathShaper } from './path-shaper.ts'
import { sieve } from './suppressed-batch.ts'
import { tlsRefusal } from './tls-demand.ts'

export class PathConnection implements WorkingConnection {
  readonly #context: DeliveryContext
  readonly #site: BatchSource
  readonly #source: EgressSource
  readonly #path: EgressPathMachine
  readonly shaper: PathShaper
  readonly #idleDeadline: Deadline
  /** Both set while it idles, and only then. */
  #wakeUp: (() => void) | null = null
  #endIdling: (() => void) | null = null
  /** Permission for the first batch was spent by whoever opened us. */
  #hasPermission = true
  #connectMs = 0
  /** By which the connection was made. */
  #rule: TlsRule | null = null
  #hasDelivered = false
  /** Transactions that are over. */
  #carried = 0

  constructor(
    context: DeliveryContext,
    site: BatchSource,
    source: EgressSource,
    path: EgressPathMachine,
    shaper: PathShaper,
  ) {
    this.shaper = shaper
    this.#context = context
    this.#site = site
    this.#source = source
    this.#path = path
    this.#idleDeadline = context.wheel.deadline(() => this.giveUp())
  }

  async run(): Promise<void> {
    const session = await this.#connect()
    if (session === null) return
    const most = () => Math.min(this.shaper.messagesPerConnection, session.extensions.messagesMost)
    session.onClose(() => this.giveUp())
    // A session that died at once still carries the first batch: its loss is what makes the path back off.
    for (; this.#carried < most() && !this.#path.isStopped; this.#carried++) {
      if (this.#carried > 0 && !session.isUsable) break
      const batch = await this.#nextBatch(session)
      if (batch === null) break
      if (!(await this.#carry(session, batch))) break
    }
    this.#idleDeadline.end()
    if (this.#hasPermission) this.#path.unused()
    this.#context.lifecycle.background('QUIT', () => session.quit())
  }

  /** Called by the site: there is something to send, or the end has come. */
  resume(): void {
    this.#wakeUp?.()
  }

  /** The connection is wanted elsewhere, has idled too long, or its receiver has gone. Ends it where it idles. */
  giveUp(): void {
    this.#endIdling?.()
  }

  async #connect(): Promise<ClientSession | null> {
    const { clock, connector } = this.#context
    const started = clock.monotonic()
    const { paths, route } = this.#site
    this.#rule = route
    const { abort, begun } = this.#context
    const dialed = await connector.connect({
      route,
      source: this.#source,
      families: paths.families,
      timeouts: this.shaper.timeouts,
      abort: begun,
    })
    this.#connectMs = clock.monotonic() - started
    this.#site.opened(this)
    if (dialed.kind === 'connected') {
      dialed.session.keepUntil(abort)
      return dialed.session
    }
    if (this.#context.lifecycle.isStopping) return null
    const others = Math.min(this.#site.otherConnections, this.shaper.open - 1)
    if (dialed.stage === 'hop') this.#context.hops.failed(this.#source, dialed.reply.text)
    const verdict = this.shaper.replies.atGreeting(dialed, others, clock.monotonic(), started)
    if (dialed.stage === 'hop' || (verdict !== null && verdict !== 'enough')) {
      this.#path.unused()
      return null
    }
    // Mail that another source can take does not wait for this one.
    const isForAnother = dialed.stage === 'family' || this.#site.hasOtherWay(this.#path)
    const batch = isForAnother ? null : this.#site.pull(this.shaper)
    if (batch === null) {
      restPath(this.#context, this.#path, dialed.reply.text)
      return null
    }
    await settleAttempt(this.#context, {
      batch,
      path: this.#path,
      outcomes: batch.map(() => dialOutcome(dialed)),
      facts: dialed.facts,
      by: dialed.stage === 'resolve' ? 'routing' : 'peer',
      isLostAfterSuccess: false,
      connectMs: this.#connectMs,
      pulledAt: clock.monotonic(),
      replies: verdict === null ? this.shaper.replies : null,
      ...{ hasOtherWay: false, carried: 0 },
    })
    this.#site.settled(this.shaper, batch)
    return null
  }

  /** The rules for TLS have changed since the connection was made. */
  #isOutdated(): boolean {
    const { tls, tlsNames } = this.#site.route
    return tls !== this.#rule?.tls || tlsNames !== this.#rule.tlsNames
  }

  /** `null`: the connection should close. */
  async #nextBatch(session: ClientSession): Promise<Batch | null> {
    for (;;) {
      if (this.#site.isCrowded(this.shaper) || this.#isOutdated()) return null
      if (!this.#hasPermission && this.#path.next(this.#context.clock.now()).kind !== 'go')
        return null
      this.#hasPermission = true
      const { recipientsMost } = session.extensions
      const most = Math.min(recipientsMost, this.shaper.recipientsPerTransaction)
      const next = this.#site.next(this.shaper, most)
      if (next !== null && typeof next !== 'number') {
        this.#hasPermission = false
        return next
      }
      if (!(await this.#idle(next)) || !session.isUsable) return null
    }
  }

  /** Kept for the next message, or a while beyond `until`, when there is a slot for one. */
  #idleTime(until: DurationMs | null): DurationMs {
    const { idle } = this.#context.policy()
    return until === null ? idle : pacedIdle(idle, until, this.#context.clock.monotonic())
  }

  /** `false`: nothing came in time. */
  #idle(until: DurationMs | null): Promise<boolean> {
    if (this.#context.lifecycle.isStopping) return Promise.resolve(false)
    return new Promise((resolve) => {
      const end = (isWoken: boolean) => {
        this.#wakeUp = null
        this.#endIdling = null
        this.#idleDeadline.clear()
        resolve(isWoken && !this.#context.lifecycle.isStopping)
      }
      this.#wakeUp = () => end(true)
      this.#endIdling = () => {
        this.#site.unparkIdle(this)
        end(false)
      }
      this.#idleDeadline.set(this.#idleTime(until))
      this.#site.parkIdle(this)
    })
  }

  /** `false`: nothing more may be sent on this connection. */
  async #carry(session: ClientSession, pulled: Batch): Promise<boolean> {
    const { budget } = this.#context
    const { size } = pulled[0].waiting.message
    const wait = budget.enterContent(size)
    if (wait !== undefined) await wait
    try {
      return await this.#attempt(session, pulled)
    } finally {
      budget.leaveContent(size)
      this.#site.settled(this.shaper, pulled)
    }
  }

  async #attempt(session: ClientSession, pulled: Batch): Promise<boolean> {
    const { clock, recorder } = this.#context
    const now = clock.now()
    if (isExpired(pulled[0], now)) {
      this.#path.unused()
      return recorder.recordExpired(pulled, now)
    }
    const pulledAt = clock.monotonic()
    const sieved = sieve(this.#context, pulled)
    if (sieved === null) return this.#transact(session, pulled, pulledAt)
    const found = await sieved
    if (found.kind === 'wanted') return this.#transact(session, found.batch, pulledAt)
    if (found.kind === 'unknown') return this.#endHere(pulled, pulledAt, found.outcome)
    this.#path.unused()
    return found.kind === 'nobody'
  }

  async #transact(session: ClientSession, pulled: Batch, pulledAt: number): Promise<boolean> {
    const { spool } = this.#context
    const { message, address } = pulled[0].waiting
    const found = await spool.content(message.id, address)
    if (found.kind !== 'readable') return this.#endHere(pulled, pulledAt, withoutContent(found))
    await using content = found
    const refusal = message.envelope.requireTls
      ? await tlsRefusal(this.#context, pulled[0], session)
      : null
    if (refusal !== null) return this.#endHere(pulled, pulledAt, bouncedByUs(refusal))
    const result = await session.transact(
      transactionOf(pulled, this.#context.returnPathOf(pulled), content),
    )
    if (result.lost !== null) this.#context.connector.learn(session, result.lost)
    if (result.lost?.wasStale) {
      // The receiver had closed the kept connection before it saw the transaction: no attempt was made.
      this.#path.unused()
      this.#site.putBack(pulled)
      return false
    }
    const connectMs = this.#connectMs
    this.#connectMs = 0
    const worked = this.#path.works
    const { batch, outcomes } = this.#judge(pulled, result)
    const isLostAfterSuccess = result.lost !== null && this.#hasDelivered
    this.#hasDelivered ||= outcomes.some(({ kind }) => kind === 'delivered')
    const isRecorded = await settleAttempt(this.#context, {
      batch,
      path: this.#path,
      outcomes,
      facts: result.facts,
      by: result.recipients.every(({ stage }) => stage === 'local') ? 'routing' : 'peer',
      isLostAfterSuccess,
      connectMs,
      pulledAt,
      replies: this.shaper.replies,
      hasOtherWay: this.#site.hasOtherWay(this.#path),
      carried: this.#carried,
    })
    if (!worked && this.#path.works) this.#site.recovered(pulled[0].queue)
    return isRecorded
  }

  /** Who was left over has not been tried: the next transaction begins with them. */
  #judge(
    pulled: Batch,
    result: TransactionResult,
  ): { readonly batch: Batch; readonly outcomes: readonly Outcome[] } {
    const outcomes = transactionOutcomes(result)
    const left = leftOver(result)
    if (left.length === 0) return { batch: pulled, outcomes }
    const isTried = (_: unknown, at: number): boolean => !left.includes(at)
    this.#site.limitTransactions(pulled.length - left.length)
    this.#site.putBack(left.flatMap((at) => pulled[at] ?? []))
    // Somebody was taken, so that the batch is not empty.
    return { batch: pulled.filter(isTried) as unknown as Batch, outcomes: outcomes.filter(isTried) }
  }

  /** Ended on our side, before anything was said to the receiver. */
  #endHere(batch: Batch, pulledAt: number, outcome: Outcome): Promise<boolean> {
    this.#path.unused()
    return settleAttempt(this.#context, {
      batch,
      path: this.#path,
      outcomes: batch.map(() => outcome),
      facts: null,
      by: 'routing',
      isLostAfterSuccess: false,
      connectMs: 0,
      pulledAt,
      ...{ replies: null, hasOtherWay: false, carried: 0 },
    })
  }
}

/** The journal has told the operator. What is not known to be damaged is tried again. */
function withoutContent(found: Exclude<FoundContent, SpooledContent>): Outcome {
  if (found.kind !== 'damaged') return deferredByUs(UNREADABLE)
  return { kind: 'damaged', reply: reply(451, '4.3.0', `the content is damaged: ${found.why}`) }
}

const UNREADABLE = reply(451, '4.3.0', 'The content cannot be read now')
