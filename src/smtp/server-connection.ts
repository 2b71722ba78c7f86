// SPDX-License-Identifier: Apache-2.0
/**
 * One connection of a client: octets to lines and content, replies to octets, time-outs, handshakes. What is said and
 * done is the session's matter; XCLIENT replaces the session by one of another client.
 *
 * Replies of one reading go out in one write. While something is waited for (a message being made durable, a sink
 * that is full, a handshake, a client that does not read) nothing is executed, and little is read ahead.
 */
import type { Socket } from 'node:net'
import { ms } from '../base/brand.ts'
import type { Deadline } from '../base/deadline-wheel.ts'
import { invariant, unreachable } from '../base/invariant.ts'
import type { MemoryShare } from '../base/memory-budget.ts'
import type { Reply } from '../protocol/reply.ts'
import { serverReplies, wireReply } from '../protocol/smtp/server-replies.ts'
import { ServerSession } from '../protocol/smtp/server-session.ts'
import type { Effect } from '../protocol/smtp/session-effect.ts'
import type { SessionTls } from '../protocol/smtp/session-policy.ts'
import { InputBuffer } from './input-buffer.ts'
import type { ConnectionOptions } from './server-connection-options.ts'
import { type ContentOwner, ServerContent } from './server-content.ts'
import type { ContentSink, SessionHandler } from './server-handler.ts'
import { ServerSocket, type SocketOwner } from './server-socket.ts'
import { heldBySession } from './session-weight.ts'

export class ServerConnection<Identity> implements SocketOwner, ContentOwner {
  readonly #options: ConnectionOptions<Identity>
  #handler: SessionHandler<Identity>
  #session: ServerSession<Identity>
  /** Since the client was last heard. */
  readonly #silence: Deadline
  readonly #lifetime: Deadline
  readonly #socket: ServerSocket
  readonly #memory: MemoryShare
  readonly #input = new InputBuffer()
  readonly #content: ServerContent
  /** For how many things execution waits. */
  #waits = 0
  /** To be said as soon as no transaction is open. */
  #farewell: Reply | null = null
  /** The farewell waits for nothing but a message that is being made durable. */
  #isDismissed = false
  #hasClientEnded = false

  constructor(socket: Socket, options: ConnectionOptions<Identity>) {
    const { handler, hostname, limits, memory, wheel } = options
    this.#options = options
    this.#handler = handler
    this.#session = new ServerSession({ hostname, limits, memory }, handler)
    this.#content = new ServerContent(limits, this)
    this.#memory = memory.share()
    this.#silence = wheel.deadline(() => this.#timeOut())
    this.#lifetime = wheel.deadline(() => this.#dismiss(serverReplies.timedOut))
    this.#lifetime.set(ms(limits.sessionTimeoutMs))
    this.#farewell = options.refusal
    if (!options.isImplicitTls) {
      this.#socket = new ServerSocket(socket, this, null)
      this.#greet()
      this.#run()
      return
    }
    this.#awaitHandshake()
    const tls = options.tls()
    invariant(tls !== null, 'implicit TLS needs a certificate')
    const onSecure = (facts: SessionTls): void => {
      this.#session = new ServerSession({ hostname, limits, memory }, handler, { tls: facts })
      this.#greet()
      this.#release()
    }
    this.#socket = new ServerSocket(socket, this, { tls, onSecure })
  }

  /** Closes with `farewell` once no transaction is open. */
  leave(farewell: Reply): void {
    this.#farewell ??= farewell
    if (this.#waits === 0) this.#run()
  }

  /** Closes at once where the client may stay no longer, whatever it is at; what it has handed over whole is answered first. */
  review(): void {
    const dismissal = this.#handler.dismissal(this.#session)
    if (dismissal !== null) this.#dismiss(dismissal)
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
    this.#weigh()
  }

  onEnd(): void {
    this.#hasClientEnded = true
    if (this.#waits === 0 && !this.#isClosed) this.#run()
  }

  onClose(): void {
    this.#silence.end()
    this.#lifetime.end()
    this.#content.drop()
    this.#memory.hold(0)
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
    this.#weigh()
    if (this.#waits > 0) return
    if (!this.#hasClientEnded) this.#awaitOctets()
    else {
      // All that it said was answered.
      this.#session.close(serverReplies.bye)
      this.#end()
    }
  }

  /** `false` where more octets are needed. */
  #step(): boolean {
    const { kind } = this.#session.state
    const isFree = this.#isDismissed || kind === 'greeted' || kind === 'ready'
    if (this.#farewell !== null && isFree) {
      this.#apply(this.#session.close(this.#farewell))
      return true
    }
    return this.#content.isNext ? this.#content.read(this.#input) : this.#readLine()
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

  openSink(): ContentSink {
    return this.#handler.begin(this.#session, this.#session.transaction.envelope)
  }

  waitFor(work: Promise<void>): void {
    this.#hold()
    this.#socket.pause()
    void work.then(() => this.#release())
  }

  refused(answer: Reply): void {
    this.#apply(this.#session.contentEnded(answer))
  }

  handedOver(work: Promise<Reply>): void {
    this.#hold()
    void work.then((answer) => this.#release(this.#session.contentEnded(answer)))
  }

  say(answer: Reply): void {
    this.#socket.say(wireReply(answer))
  }

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case 'reply':
        this.say(effect.reply)
        break
      case 'content':
        this.say(effect.reply)
        this.#content.beginDotted()
        break
      case 'chunk':
        this.#content.beginChunk(effect)
        break
      case 'claim':
        this.#claim(effect)
        break
      case 'start-tls':
        this.#startTls(effect.reply)
        break
      case 'close':
        this.say(effect.reply)
        this.#end()
        break
      case 'delay':
        this.#hold()
        this.#options.wheel
          .deadline(() => this.#release(effect.effect))
          .set(ms(effect.milliseconds))
        break
      default:
        unreachable(effect)
    }
    // RSET, EHLO or an end between two chunks.
    if (!('transaction' in this.#session.state)) this.#content.drop()
  }

  #greet(): void {
    if (this.#farewell === null) this.say(this.#session.greeting())
  }

  #startTls(answer: Reply): void {
    const tls = this.#options.tls()
    invariant(tls !== null, 'STARTTLS is offered only with a certificate')
    // What came with the command was said before TLS, by whomever (RFC 3207 §6): it is not executed.
    this.#input.clear()
    this.#awaitHandshake()
    this.say(answer)
    const onSecure = (facts: SessionTls): void => {
      this.#session.secured(facts)
      this.#release()
    }
    this.#socket.startTls({ tls, onSecure })
  }

  #awaitHandshake(): void {
    this.#hold()
    this.#silence.set(ms(this.#options.limits.handshakeTimeoutMs))
  }

  /** Another client from here on, and nothing is known of it but what was claimed. */
  #claim(claim: Extract<Effect, { kind: 'claim' }>): void {
    const { hostname, limits, memory } = this.#options
    const { tls } = this.#session
    const handler = claim.address === null ? this.#handler : this.#options.claim(claim.address)
    if (handler === null) {
      this.#apply(this.#session.close(serverReplies.tooManySessions))
      return
    }
    this.#handler = handler
    this.#session = new ServerSession({ hostname, limits, memory }, handler, { tls, claim })
    this.#greet()
  }

  /** Stops execution. Our own slowness does not count as the client's silence. */
  #hold(): void {
    this.#waits++
    this.#silence.clear()
  }

  /** What was waited for has led to `effect`. */
  #release(effect?: Effect): void {
    // Nobody hears it any more, and no wait may begin anew.
    if (this.#socket.isGone) return
    if (effect !== undefined) this.#apply(effect)
    this.#waits--
    if (this.#waits > 0) return
    this.#socket.resume()
    this.#run()
  }

  #flush(): void {
    // A client that does not read is waited for, and its silence goes on.
    if (!this.#socket.flush(() => this.#release())) this.#waits++
  }

  #dismiss(farewell: Reply): void {
    this.#isDismissed = true
    this.leave(farewell)
  }

  #timeOut(): void {
    if (this.#waits > 0 || this.#isClosed) this.#socket.destroy()
    else this.#apply(this.#session.close(serverReplies.timedOut))
  }

  #end(): void {
    this.#content.drop()
    this.#lifetime.clear()
    this.#silence.set(ms(this.#options.limits.lingerMs))
    this.#socket.end()
  }

  /** A client that does not read what we say may not fill our memory either. */
  #weigh(): void {
    const { unsent } = this.#socket
    const hasRoom = this.#memory.hold(heldBySession(this.#session) + this.#input.size + unsent)
    if (!hasRoom && unsent > 0) this.#socket.destroy()
  }

  #awaitOctets(): void {
    const { commandTimeoutMs, contentTimeoutMs } = this.#options.limits
    this.#silence.set(ms(this.#content.isOpen ? contentTimeoutMs : commandTimeoutMs))
  }
}
