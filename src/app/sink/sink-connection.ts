// SPDX-License-Identifier: Apache-2.0
/** The socket of one session: what is read, what is said and how it ends, with a deadline on all of it. */
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Deadline } from '../../base/deadline-wheel.ts'
import { sinkLimits } from '../../base/limits/limits.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import { Inlet, type LineRead } from './inlet.ts'
import { wireReply } from './receiver-replies.ts'
import type { SinkContext } from './sink-context.ts'

export class SinkConnection {
  readonly client: string
  readonly #context: SinkContext
  readonly #idle: Deadline
  readonly #ended = new AbortController()
  #socket: Socket
  #inlet: Inlet
  #isOpen = true

  constructor(socket: Socket, context: SinkContext) {
    this.client = socket.remoteAddress ?? ''
    this.#context = context
    this.#socket = socket
    this.#inlet = new Inlet(socket)
    this.#idle = context.wheel.deadline(() => this.#expire())
    socket.once('close', () => this.#ended.abort())
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** `TLSv1.3`, or `null` in clear. */
  get tlsVersion(): string | null {
    return this.#socket instanceof TLSSocket ? this.#socket.getProtocol() : null
  }

  /** Whether the peer has sent more than was asked for. */
  get hasMore(): boolean {
    return this.#inlet.hasMore
  }

  async line(): Promise<LineRead> {
    this.#idle.set(ms(sinkLimits.idleMs))
    const read = await this.#inlet.line(sinkLimits.commandLineOctets)
    if (read.kind === 'end') this.#isOpen = false
    return read
  }

  /** Content, at most `limit` octets of it; `null` where the connection has ended. */
  async some(limit: number): Promise<Buffer | null> {
    if (!this.#isOpen) return null
    this.#idle.set(ms(sinkLimits.idleMs))
    return await this.#inlet.some(limit)
  }

  unread(octets: Buffer): void {
    this.#inlet.unread(octets)
  }

  /** Throws away what the peer has sent ahead. */
  discard(): void {
    this.#inlet.discard()
  }

  async say(answer: Reply): Promise<void> {
    const delay = this.#context.provider.replyDelay()
    if (delay > 0) await this.pause(delay)
    await this.send(Buffer.from(wireReply(answer)))
  }

  /** Waits where the peer does not read. */
  send(octets: Buffer): Promise<void> {
    if (this.#socket.destroyed || this.#socket.write(octets)) return Promise.resolve()
    return new Promise((resolve) => {
      this.#socket.once('drain', resolve)
      this.#socket.once('close', () => resolve())
    })
  }

  /** At most until the connection ends. */
  pause(delay: DurationMs): Promise<void> {
    return this.#context.clock.sleep(delay, this.#ended.signal)
  }

  /** The last reply, and the end; a peer that does not go is cut off. */
  async dismiss(answer: Reply): Promise<void> {
    await this.say(answer)
    this.#socket.end()
    this.#idle.set(ms(sinkLimits.farewellMs))
    await this.ignore()
  }

  /** Reads, and says nothing, until the peer has gone. */
  async ignore(): Promise<void> {
    this.#isOpen = false
    while ((await this.#inlet.some(sinkLimits.commandLineOctets)) !== null);
    this.drop()
  }

  /** Ends without a word. */
  drop(): void {
    this.#isOpen = false
    this.#idle.end()
    this.#socket.destroy()
  }

  /** To be called in the same turn as the 220 was written. `false` where the handshake failed. */
  async secure(secureContext: SecureContext): Promise<boolean> {
    this.#inlet.release()
    const secured = new TLSSocket(this.#socket, { isServer: true, secureContext })
    this.#socket = secured
    this.#inlet = new Inlet(secured)
    this.#isOpen = await new Promise<boolean>((resolve) => {
      secured.once('secure', () => resolve(true))
      // Later errors end the inlet by the `close` that follows.
      secured.on('error', () => resolve(false))
      secured.once('close', () => resolve(false))
    })
    return this.#isOpen
  }

  #expire(): void {
    if (this.#isOpen) this.#socket.write(wireReply(reply(421, '4.4.2', 'Idle for too long')))
    this.drop()
  }
}
