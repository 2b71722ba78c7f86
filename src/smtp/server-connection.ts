// SPDX-License-Identifier: Apache-2.0
/**
 * One connection of a client: octets to lines and content, replies to octets, time-outs, STARTTLS. What is said and
 * done is the session's matter.
 *
 * Replies of one reading go out in one write. While something is waited for (a message being made durable, a sink
 * that is full, a handshake, a client that does not read) nothing is executed, and little is read ahead.
 */
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { ms } from '../base/brand.ts'
import type { Deadline, DeadlineWheel } from '../base/deadline-wheel.ts'
import { invariant, unreachable } from '../base/invariant.ts'
import type { ServerLimits } from '../base/limits.ts'
import type { Reply } from '../protocol/reply.ts'
import { chunkReply, serverReplies, wireReply } from '../protocol/smtp/server-replies.ts'
import { ServerSession } from '../protocol/smtp/server-session.ts'
import type { Effect } from '../protocol/smtp/session-effect.ts'
import { InputBuffer } from './input-buffer.ts'
import type { SessionHandler } from './server-handler.ts'
import { ServerSocket, type SocketOwner } from './server-socket.ts'
import { ServerTransfer } from './server-transfer.ts'

export interface ConnectionOptions<Identity> {
  readonly hostname: string
  readonly limits: ServerLimits
  readonly wheel: DeadlineWheel
  readonly secureContext: () => SecureContext | null
  readonly handler: SessionHandler<Identity>
  /** The connection is no more. */
  readonly onClosed: () => void
}

type Chunk = Extract<Effect, { kind: 'chunk' }>

export class ServerConnection<Identity> implements SocketOwner {
  readonly #options: ConnectionOptions<Identity>
  readonly #session: ServerSession<Identity>
  /** Since the client was last heard. */
  readonly #silence: Deadline
  readonly #lifetime: Deadline
  readonly #socket: ServerSocket
  readonly #input = new InputBuffer()
  #transfer: ServerTransfer | null = null
  #chunk: Chunk | null = null
  /** Of the chunk, still to come. */
  #chunkOctets = 0
  /** For how many things execution waits. */
  #waits = 0
  /** To be said as soon as no transaction is open. */
  #farewell: Reply | null = null
  #hasClientEnded = false

  constructor(socket: Socket, options: ConnectionOptions<Identity>) {
    const { handler, hostname, limits, wheel } = options
    this.#options = options
    this.#session = new ServerSession({ hostname, limits }, handler)
    this.#silence = wheel.deadline(() => this.#timeOut())
    this.#lifetime = wheel.deadline(() => this.#expire())
    this.#lifetime.set(ms(limits.sessionTimeoutMs))
    this.#socket = new ServerSocket(socket, this)
    this.#say(this.#session.greeting())
    this.#run()
  }

  /** Closes with 421 4.3.2 once no transaction is open. */
  drain(): void {
    this.#leave(serverReplies.shuttingDown)
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy()
  }

  onOctets(octets: Buffer): void {
    if (this.#isClosed) return
    this.#input.append(octets)
    if (this.#waits === 0) this.#run()
    else if (this.#input.size > this.#options.limits.pipelinedOctets) this.#socket.pause()
  }

  onEnd(): void {
    this.#hasClientEnded = true
    if (this.#waits === 0 && !this.#isClosed) this.#run()
  }

  onClose(): void {
    this.#silence.clear()
    this.#lifetime.clear()
    this.#dropTransfer()
    this.#options.onClosed()
  }

  get #isClosed(): boolean {
    return this.#session.state.kind === 'closed'
  }

  /** Executes what was read, until it is used up or something must be waited for. */
  #run(): void {
    const { limits } = this.#options
    while (this.#waits === 0 && !this.#isClosed && this.#step())
      if (this.#socket.gathered > limits.gatheredReplyOctets) this.#flush()
    this.#flush()
    if (this.#isClosed) return
    this.#input.compact()
    if (this.#waits > 0) return
    if (this.#hasClientEnded) this.#hangUp()
    else this.#awaitOctets()
  }

  /** `false` where more octets are needed. */
  #step(): boolean {
    const { kind } = this.#session.state
    if (this.#farewell !== null && (kind === 'greeted' || kind === 'ready')) {
      this.#apply(this.#session.close(this.#farewell))
      return true
    }
    if (this.#chunk !== null) return this.#readChunk(this.#chunk)
    if (kind === 'content' && this.#transfer !== null) return this.#readContent(this.#transfer)
    return this.#readLine()
  }

  #readLine(): boolean {
    const line = this.#input.takeLine()
    const octets = line === null ? this.#input.size : line.length
    if (line === 'bare') this.#apply(this.#session.close(serverReplies.bareLineFeed))
    else if (octets > this.#options.limits.authLineOctets)
      this.#apply(this.#session.close(serverReplies.lineTooLong))
    else if (line === null) return false
    else this.#apply(this.#session.line(line))
    return true
  }

  #readContent(transfer: ServerTransfer): boolean {
    if (transfer.hasEnded) this.#endContent(transfer)
    else if (this.#input.size === 0) return false
    else {
      this.#input.skip(transfer.read(this.#input.peek()))
      this.#waitForSink(transfer)
    }
    return true
  }

  #readChunk(chunk: Chunk): boolean {
    if (this.#chunkOctets === 0) {
      this.#endChunk(chunk)
      return true
    }
    const octets = this.#input.take(this.#chunkOctets)
    if (octets.length === 0) return false
    this.#chunkOctets -= octets.length
    if (chunk.refusal !== null || this.#transfer === null) return true
    this.#transfer.read(octets)
    this.#waitForSink(this.#transfer)
    return true
  }

  #endChunk(chunk: Chunk): void {
    this.#chunk = null
    if (chunk.refusal !== null || this.#transfer === null) {
      this.#say(chunk.refusal ?? chunkReply(chunk.octets))
      return
    }
    if (chunk.isLast) this.#transfer.complete()
    if (chunk.isLast || this.#transfer.refusal !== null) this.#endContent(this.#transfer)
    else this.#say(chunkReply(chunk.octets))
  }

  #endContent(transfer: ServerTransfer): void {
    this.#transfer = null
    const { refusal } = transfer
    if (refusal !== null) {
      this.#apply(this.#session.contentEnded(refusal))
      return
    }
    this.#hold()
    void transfer.finish().then((answer) => {
      this.#apply(this.#session.contentEnded(answer))
      this.#release()
    })
  }

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case 'reply':
        this.#say(effect.reply)
        break
      case 'content':
        this.#say(effect.reply)
        this.#transfer = this.#begin('dot-stuffed')
        break
      case 'chunk':
        this.#chunk = effect
        this.#chunkOctets = effect.octets
        if (effect.refusal === null) this.#transfer ??= this.#begin('counted')
        break
      case 'start-tls':
        this.#startTls(effect.reply)
        break
      case 'close':
        this.#say(effect.reply)
        this.#end()
        break
      default:
        unreachable(effect)
    }
    // RSET, EHLO or an end between two chunks.
    if (!('transaction' in this.#session.state)) this.#dropTransfer()
  }

  #begin(framing: 'dot-stuffed' | 'counted'): ServerTransfer {
    const { handler, limits } = this.#options
    const sink = handler.begin(this.#session, this.#session.transaction.envelope)
    return new ServerTransfer(framing, limits, sink)
  }

  #dropTransfer(): void {
    this.#transfer?.abort()
    this.#transfer = null
  }

  #startTls(answer: Reply): void {
    const secureContext = this.#options.secureContext()
    invariant(secureContext !== null, 'STARTTLS is offered only with a certificate')
    // What came with the command was said before TLS, by whomever (RFC 3207 §6): it is not executed.
    this.#input.clear()
    this.#hold()
    this.#silence.set(ms(this.#options.limits.commandTimeoutMs))
    this.#say(answer)
    this.#socket.startTls(secureContext, (tls) => {
      this.#session.secured(tls)
      this.#release()
    })
  }

  #waitForSink({ wait }: ServerTransfer): void {
    if (wait === undefined) return
    this.#hold()
    this.#socket.pause()
    void wait.then(() => this.#release())
  }

  /** Stops execution. Our own slowness does not count as the client's silence. */
  #hold(): void {
    this.#waits++
    this.#silence.clear()
  }

  #release(): void {
    this.#waits--
    if (this.#waits > 0 || this.#socket.isGone) return
    this.#socket.resume()
    this.#run()
  }

  #say(answer: Reply): void {
    this.#socket.say(wireReply(answer))
  }

  #flush(): void {
    // A client that does not read is waited for, and its silence goes on.
    if (!this.#socket.flush(() => this.#release())) this.#waits++
  }

  #leave(farewell: Reply): void {
    this.#farewell ??= farewell
    if (this.#waits === 0) this.#run()
  }

  #expire(): void {
    if (this.#waits > 0) this.#leave(serverReplies.timedOut)
    else this.#apply(this.#session.close(serverReplies.timedOut))
  }

  #timeOut(): void {
    if (this.#waits > 0 || this.#isClosed) this.#socket.destroy()
    else this.#apply(this.#session.close(serverReplies.timedOut))
  }

  /** Where a client has ended, and all that it said was answered. */
  #hangUp(): void {
    this.#session.close(serverReplies.bye)
    this.#end()
  }

  #end(): void {
    this.#dropTransfer()
    this.#lifetime.clear()
    this.#silence.set(ms(this.#options.limits.lingerMs))
    this.#socket.end()
  }

  #awaitOctets(): void {
    const { commandTimeoutMs, contentTimeoutMs } = this.#options.limits
    const isContent = this.#transfer !== null || this.#chunk !== null
    this.#silence.set(ms(isContent ? contentTimeoutMs : commandTimeoutMs))
  }
}
