// SPDX-License-Identifier: Apache-2.0
/**
 * A socket to a receiver that speaks in replies. Whoever asked gets each reply, or the loss of the connection, once.
 * One deadline on the wheel covers every wait. Nothing is thrown: a loss is a value.
 */
import { connect, type Socket } from 'node:net'
import type { AbortSet } from '../base/abort-set.ts'
import { ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import type { Deadline, DeadlineWheel } from '../base/deadline-wheel.ts'
import { systemCode } from '../base/errors.ts'
import type { clientLimits, clientTimeouts } from '../base/limits/limits.ts'
import { formatDuration } from '../base/quantity.ts'
import type { TlsFacts } from '../events/event.ts'
import type { Reply } from '../protocol/reply.ts'
import { isFault, ReplyReader } from '../protocol/smtp/reply-reader.ts'
import type { TlsPolicy } from '../protocol/tls-policy.ts'
import type { EgressHop } from '../queue/egress.ts'
import type { ClientTls, Securing, TlsPeer } from './client-tls.ts'
import { HopPassage } from './hop.ts'
import type { Loss, LossCause } from './loss.ts'

/** Where a session goes, how it shows itself, and what bounds it. */
export interface Dial extends TlsPeer {
  /** `null`: the system chooses. */
  readonly localAddress: string | null
  /** By which it is called; `null`: directly. */
  readonly hop: EgressHop | null
  readonly ehloName: string
  readonly tls: TlsPolicy
  readonly security: ClientTls
  /** `false`: PIPELINING is not used though it be offered. */
  readonly mayPipeline: boolean
  readonly timeouts: Readonly<Record<keyof typeof clientTimeouts, number>>
  readonly limits: Readonly<Record<keyof typeof clientLimits, number>>
  readonly wheel: DeadlineWheel
  readonly clock: Clock
  /** Aborting it destroys the connection, until it is kept for another; whoever waits is told. */
  readonly abort: AbortSet
}

/** Who listens to a connection. Called synchronously, `onLost` at most once and last. */
export interface ReplyHandler {
  onReply(answer: Reply): void
  onLost(loss: Loss): void
}

export class ClientConnection {
  readonly dial: Dial
  tls: TlsFacts | null = null
  /** The handshake offered a session of before, whether or not it came to an end. */
  resumedTls = false
  #socket: Socket
  #reader: ReplyReader
  readonly #deadline: Deadline
  /** Names the wait that the deadline bounds. */
  #awaited = ''
  #delayMs = 0
  #phase: 'connecting' | 'passing' | 'talking' | 'securing' = 'connecting'
  /** Through the proxy, where there is one. */
  readonly #passage: HopPassage | null
  #onConnected: () => void = () => {}
  /** While `null`, input waits in the reader. */
  #handler: ReplyHandler | null = null
  #loss: Loss | null = null
  #onDrain: (() => void) | null = null
  /** What the end of the socket means. */
  #failure = 'the server closed the connection'
  #abort: AbortSet | null = null
  readonly #onAbort = (): void => this.lose('aborted', 'the relay gave up the connection')

  /** Calls; `connected` tells how that ends. */
  constructor(dial: Dial) {
    this.dial = dial
    this.#reader = new ReplyReader(dial.limits)
    this.#deadline = dial.wheel.deadline(() => this.#timeOut())
    this.#passage = dial.hop && new HopPassage(dial.hop, dial)
    this.#socket = connect({
      host: dial.hop?.host ?? dial.address,
      port: dial.hop?.port ?? dial.port,
      noDelay: true,
      ...(dial.localAddress === null ? {} : { localAddress: dial.localAddress }),
    })
    this.#listen(this.#socket)
    this.keepUntil(dial.abort)
  }

  /** Once: resolves with `null`, or with why there is no connection. */
  connected(): Promise<Loss | null> {
    return new Promise((resolve) => {
      this.expect('the call', this.dial.timeouts.connectMs)
      this.handler = { onReply: () => {}, onLost: resolve }
      this.#onConnected = () => {
        this.#phase = 'talking'
        this.#handler = null
        this.rest()
        resolve(null)
      }
      this.#socket.once('connect', () => {
        if (this.#passage === null) this.#onConnected()
        else this.#pass(this.#passage)
      })
    })
  }

  /** What the proxy is told, before all else. */
  #pass(passage: HopPassage): void {
    this.#phase = 'passing'
    const { isThrough, octets } = passage.start()
    this.#socket.write(octets)
    if (isThrough) this.#onConnected()
    else this.expect('the proxy', this.dial.timeouts.connectMs)
  }

  #heardProxy(passage: HopPassage, chunk: Buffer): void {
    const step = passage.push(chunk)
    switch (step.kind) {
      case 'underway':
        if (step.octets !== null) this.#socket.write(step.octets)
        return
      case 'through':
        if (step.rest.length > 0) this.#reader.push(step.rest)
        this.#onConnected()
        return
      case 'failed':
        this.lose(step.of === 'proxy' ? 'hop' : 'refused', step.why)
    }
  }

  /** `mx1.example.net[192.0.2.1]:25`. */
  get name(): string {
    return peerName(this.dial)
  }

  get loss(): Loss | null {
    return this.#loss
  }

  /** Whether the peer has said something that nobody asked for. */
  get hasUnreadInput(): boolean {
    return !this.#reader.isEmpty
  }

  /** Input that waited, and a loss, come to a new handler at once. */
  set handler(handler: ReplyHandler | null) {
    this.#handler = handler
    if (this.#loss) this.#tell(this.#loss)
    else this.#read()
  }

  /** Moves the deadline: `what` must come within `delayMs`. */
  expect(what: string, delayMs: number): void {
    if (this.#loss !== null) return
    this.#awaited = what
    this.#delayMs = delayMs
    this.#deadline.set(ms(delayMs))
  }

  /** Nothing is awaited. */
  rest(): void {
    this.#deadline.clear()
  }

  /** Hands octets to the system. `false`: wait for `drained` before more. */
  write(octets: Uint8Array | string): boolean {
    return this.#loss === null && this.#socket.write(octets)
  }

  /** Resolves when the system took what was written, or the connection is lost. */
  drained(): Promise<void> {
    if (this.#loss !== null) return Promise.resolve()
    // One that is destroyed needs no drain: its loss is about to be told, and nothing more may count as sent before.
    const { destroyed, writableNeedDrain } = this.#socket
    if (!destroyed && !writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onDrain = resolve
    })
  }

  /** Sends a line (`null`: only listens) and takes one reply. For what is said once in a session. */
  ask(command: string | null, what: string, timeoutMs: number): Promise<Reply | Loss> {
    if (command !== null && this.hasUnreadInput && this.#loss === null)
      this.lose('nonsense', `the server spoke out of turn before ${what}`)
    return new Promise((resolve) => {
      const settle = (found: Reply | Loss): void => {
        this.#handler = null
        this.rest()
        resolve(found)
      }
      this.expect(what, timeoutMs)
      this.handler = { onReply: settle, onLost: settle }
      if (command !== null) this.write(`${command}\r\n`)
    })
  }

  /** After a 220 to STARTTLS. What was said in the clear is forgotten (RFC 3207 §4.2). */
  startTls(): Promise<Securing | Loss> {
    this.#phase = 'securing'
    const plain = this.#socket
    plain.removeAllListeners()
    plain.on('error', () => {})
    this.#reader = new ReplyReader(this.dial.limits)
    const securing = this.dial.security.secure(plain, this.dial)
    const { socket } = securing
    this.#socket = socket
    this.resumedTls = securing.isResuming
    this.#listen(socket)
    return new Promise((resolve) => {
      this.expect('the TLS handshake', this.dial.timeouts.startTlsMs)
      this.handler = { onReply: () => {}, onLost: resolve }
      socket.once('secureConnect', () => {
        this.#phase = 'talking'
        this.#handler = null
        this.rest()
        this.tls = securing.facts()
        resolve(securing)
      })
    })
  }

  /** Says QUIT, waits for its reply at most `quitMs`, closes, and calls `done`. */
  quit(done: () => void): void {
    this.expect('QUIT', this.dial.timeouts.quitMs)
    this.handler = { onReply: () => this.lose('aborted', 'QUIT was said'), onLost: done }
    this.write('QUIT\r\n')
  }

  /** From here on `abort` destroys it, and not the one that it was made under. */
  keepUntil(abort: AbortSet): void {
    this.#abort?.delete(this.#onAbort)
    this.#abort = abort
    if (this.#loss === null) abort.add(this.#onAbort)
  }

  /** Ends the connection; the handler is told why. Does nothing the second time. */
  lose(cause: LossCause, text: string): void {
    if (this.#loss !== null) return
    this.#loss = { kind: 'lost', cause, text }
    this.#deadline.end()
    this.#abort?.delete(this.#onAbort)
    this.#socket.destroy()
    this.#onDrain?.()
    this.#onDrain = null
    this.#tell(this.#loss)
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      if (this.#phase === 'passing' && this.#passage !== null)
        this.#heardProxy(this.#passage, chunk)
      else {
        this.#reader.push(chunk)
        this.#read()
      }
    })
    socket.on('drain', () => {
      this.#onDrain?.()
      this.#onDrain = null
    })
    socket.on('error', (thrown: Error) => {
      this.#failure = `the connection broke: ${systemCode(thrown) ?? thrown.message}`
    })
    socket.on('close', () => this.#fail('closed', this.#failure))
  }

  #timeOut(): void {
    const wait = formatDuration(this.#delayMs)
    this.#fail('time-out', `no answer to ${this.#awaited} within ${wait}`)
  }

  /** What the same event means depends on how far we were. */
  #fail(cause: LossCause, text: string): void {
    if (this.#phase === 'connecting' || this.#phase === 'passing')
      this.lose(this.#passage?.hasAsked === false ? 'hop' : 'refused', text)
    else if (this.#phase === 'securing') this.lose('tls', `the TLS handshake failed: ${text}`)
    else this.lose(cause, text)
  }

  #read(): void {
    while (this.#handler !== null && this.#loss === null) {
      const found = this.#reader.next()
      if (found === null) return
      if (isFault(found)) this.lose('nonsense', `the server sent ${found.text}`)
      else this.#handler.onReply(found)
    }
  }

  #tell(loss: Loss): void {
    const handler = this.#handler
    this.#handler = null
    handler?.onLost(loss)
  }
}

/** `mx1.example.net[192.0.2.1]:25`. */
export function peerName({ host, address, port }: TlsPeer): string {
  return `${host}[${address}]:${port}`
}
