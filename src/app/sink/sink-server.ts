// SPDX-License-Identifier: Apache-2.0
/**
 * A real SMTP receiver with a temperament: for tests, for `posthaste sink`, and as the simulated providers of the
 * demo. It keeps nothing but counts; who wants the content takes it by `onMessage`. The local-part of a recipient
 * picks a behaviour, see `Provider`. Bounded by `sinkLimits`, as strangers may talk to it too.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { type Clock, SystemClock } from '../../base/clock.ts'
import { DeadlineWheel } from '../../base/deadline-wheel.ts'
import { sinkLimits } from '../../base/limits/limits.ts'
import { type Random, SystemRandom } from '../../base/random.ts'
import { reply } from '../../protocol/reply.ts'
import { ContentBudget } from './held-content.ts'
import { type Attempt, Provider, type Verdict } from './provider.ts'
import { wireReply } from './receiver-replies.ts'
import { SinkConnection } from './sink-connection.ts'
import type { SinkContext, SinkMessage, SinkRefusal } from './sink-context.ts'
import { SinkSession } from './sink-session.ts'
import { Tally } from './tally.ts'
import { generous, type Temperament } from './temperament.ts'

export interface SinkOptions {
  readonly temperament?: Partial<Temperament>
  /** PEM. STARTTLS is offered only with it. */
  readonly certificate?: { readonly key: string; readonly cert: string }
  /** How much content `onMessage` gets. Default: the whole where there is an `onMessage`. */
  readonly wants?: 'whole' | 'header'
  /** Called before the 250 goes out; the 250 waits for it. */
  readonly onMessage?: (message: SinkMessage) => void | Promise<void>
  readonly onRefusal?: (refusal: SinkRefusal) => void
  /** In place of what the local-part picks and the temperament says. */
  readonly judge?: (attempt: Attempt) => Verdict
  /** Accepted recipients that the tally remembers; default `sinkLimits.accepted`. */
  readonly remembers?: number
  readonly clock?: Clock
  readonly random?: Random
}

export class SinkServer implements AsyncDisposable {
  readonly tally: Tally
  readonly #context: SinkContext
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<Promise<void>>()

  constructor(options: SinkOptions = {}) {
    const clock = options.clock ?? new SystemClock()
    const temperament = { ...generous, ...options.temperament }
    this.tally = new Tally(options.remembers ?? sinkLimits.accepted)
    const provider = new Provider(temperament, clock, options.random ?? new SystemRandom())
    const wantsWhole = (options.wants ?? (options.onMessage ? 'whole' : 'header')) === 'whole'
    this.#context = {
      provider,
      judge: options.judge ?? ((attempt) => provider.judge(attempt)),
      tally: this.tally,
      budget: new ContentBudget(sinkLimits.heldOctets),
      wheel: new DeadlineWheel(clock),
      clock,
      secureContext: options.certificate ? createSecureContext(options.certificate) : null,
      wantedOctets: wantsWhole ? sinkLimits.messageOctets : sinkLimits.headerOctets,
      onMessage: options.onMessage ?? (() => {}),
      onRefusal: options.onRefusal ?? (() => {}),
    }
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    )
  }

  get temperament(): Temperament {
    return this.#context.provider.temperament
  }

  /** Port 0: a free one. Gives the port. Rejects where the port is taken. */
  async listen(port = 0, address = '127.0.0.1'): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host: address }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    const bound = this.#server.address()
    return bound !== null && typeof bound === 'object' ? bound.port : port
  }

  /** Ends all sessions at once. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await Promise.all(this.#sessions)
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #accept(socket: Socket): void {
    // A peer that goes away is an everyday thing; the session sees it as an end.
    socket.on('error', () => {})
    if (this.#sockets.size >= sinkLimits.sessions) {
      socket.end(wireReply(reply(421, '4.3.2', 'Too many connections')))
      socket.destroySoon()
      return
    }
    this.#sockets.add(socket)
    const connection = new SinkConnection(socket, this.#context)
    const session = new SinkSession(connection, this.#context).run().finally(() => {
      this.#sockets.delete(socket)
      this.#sessions.delete(session)
    })
    this.#sessions.add(session)
  }
}
