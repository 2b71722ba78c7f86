// SPDX-License-Identifier: Apache-2.0
/**
 * The receiver at the end of the sandbox: a sink of this process's own, at loopback, opened for the first message that goes there.
 * What its recipients would send back later comes in by the hub that takes such mail from other servers.
 *
 * Known limits: what waits to come back is gone with the process. It offers no TLS, so mail with REQUIRETLS bounces.
 */
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { sandboxLimits } from '../../base/limits/sandbox-limits.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import { messageIdOf } from '../../events/ids.ts'
import type { InboundContext } from '../../feedback/inbound-handler.ts'
import { parseMailbox } from '../../protocol/mailbox.ts'
import { formatReply, isPositive } from '../../protocol/reply.ts'
import type { EventLog } from '../../spool/event-log.ts'
import { SANDBOX_DOMAIN } from '../../spool/sandbox.ts'
import type { Attempt, Verdict } from '../sink/provider.ts'
import { Greylist } from '../sink/provider-memory.ts'
import type { SinkMessage } from '../sink/sink-context.ts'
import { SinkServer } from '../sink/sink-server.ts'
import { behaviourOf, type LaterReport } from './simulated-recipients.ts'
import { type ReportedDelivery, simulatedReport } from './simulated-reports.ts'
import { visitIn } from './simulated-visits.ts'

export interface SimulatedReceiverContext {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: Pick<EventLog, 'received'>
  /** Where mail of other servers is taken. */
  readonly inbound: () => Pick<InboundContext, 'addresses' | 'hub'>
  /** Asks the web of this relay for a path, as a reader's program does. */
  readonly visit: (path: string) => void
}

export class SimulatedReceiver {
  readonly #context: SimulatedReceiverContext
  readonly #firstTries: Greylist
  readonly #closing = new AbortController()
  #open: Promise<{ readonly sink: SinkServer; readonly port: number }> | null = null
  #reportsWaiting = 0

  constructor(context: SimulatedReceiverContext) {
    this.#context = context
    this.#firstTries = new Greylist(ms(0), context.clock)
  }

  /** At loopback. Rejects where it cannot be opened now. */
  async port(): Promise<number> {
    this.#open ??= this.#listen()
    try {
      return (await this.#open).port
    } catch (thrown) {
      // No descriptor left, most likely.
      this.#open = null
      throw thrown
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await (await this.#open?.catch(() => null))?.sink.close()
  }

  async #listen() {
    const { clock, random } = this.#context
    const sink = new SinkServer({
      ...{ clock, random },
      temperament: { name: 'sandbox', host: SANDBOX_DOMAIN, tls: false },
      wants: 'header',
      remembers: 0,
      judge: (attempt) => this.#judge(attempt),
      onMessage: (message) => this.#taken(message),
    })
    return { sink, port: await sink.listen() }
  }

  #judge({ client, recipient, reversePath }: Attempt): Verdict {
    const behaviour = behaviourOf(recipient)
    const isRefused =
      behaviour.kind === 'refuses' &&
      (behaviour.times === 'always' || !this.#firstTries.allows(client, reversePath, recipient))
    return isRefused
      ? { kind: 'refuse', outcome: 'unknown', reply: behaviour.reply }
      : { kind: 'accept', trick: null }
  }

  #taken({ at, content, recipients, reversePath }: SinkMessage): void {
    for (const recipient of recipients) {
      const behaviour = behaviourOf(recipient)
      if (behaviour.kind !== 'takes' || behaviour.later === null) continue
      const { later } = behaviour
      if (later === 'open' || later === 'click') this.#visitLater(visitIn(content, later))
      else void this.#later(() => this.#report(later, { at, recipient, reversePath }))
    }
  }

  #visitLater(path: string | null): void {
    if (path !== null) void this.#later(async () => this.#context.visit(path))
  }

  async #later(work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#context
    if (this.#reportsWaiting >= sandboxLimits.reportsWaiting) return
    this.#reportsWaiting++
    try {
      await clock.sleep(ms(sandboxLimits.reportAfterMs), this.#closing.signal)
      if (!this.#closing.signal.aborted) await work()
    } catch (thrown) {
      // The journal cannot be read now.
      log.warn({ error: messageOf(thrown) }, 'a simulated report is lost')
    } finally {
      this.#reportsWaiting--
    }
  }

  /** Nothing comes of a return path that is none of ours, such as that of a delivery report. */
  async #report(report: LaterReport, delivery: ReportedDelivery): Promise<void> {
    const { inbound, log } = this.#context
    const { addresses, hub } = inbound()
    if (!(await this.#isSimulated(delivery))) return
    const { octets, to } = simulatedReport(report, delivery)
    const mailbox = parseMailbox(to)
    const address = mailbox && addresses.read(mailbox)
    if (address === null) return
    const sender = { peer: '127.0.0.1', helo: null, reversePath: '' }
    const answer = await hub.take({ addresses: [address], octets, ...sender })
    if (!isPositive(answer))
      log.warn({ reply: formatReply(answer) }, 'a simulated report is not taken')
  }

  /** Whoever else can reach the port must not make up reports about mail that went out. */
  async #isSimulated({ recipient, reversePath }: ReportedDelivery): Promise<boolean> {
    const mailbox = parseMailbox(reversePath)
    const returned = mailbox && this.#context.inbound().addresses.read(mailbox)
    if (returned?.kind !== 'token') return false
    const message = await this.#context.events.received(messageIdOf(returned.token.token.messageId))
    const { recipientIndex } = returned.token.token
    const wanted = recipient.toLowerCase()
    return (
      message?.recipients.some(
        (one, index) =>
          one.toLowerCase() === wanted && (recipientIndex === null || recipientIndex === index),
      ) ?? false
    )
  }
}
