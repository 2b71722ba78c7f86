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
import type { clientLimits, clientTimeouts } from '../base/limits.ts'
import { formatDuration } from '../base/quantity.ts'
import type { TlsFacts } from '../events/event.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { isFault, ReplyReader } from '../protocol/smtp/reply-reader.ts'
import type { TlsPolicy } from '../protocol/tls-policy.ts'
import type { ClientTls, Securing, TlsPeer } from './client-tls.ts'

/** Where a session goes, how it shows itself, and what bounds it. */
export interface Dial extends TlsPeer {
  /** `null`: the system chooses. */
  readonly localAddress: string | null
  readonly ehloName: string
  readonly tls: TlsPolicy
  readonly security: ClientTls
  /** `false`: PIPELINING is not used though it be offered. */
  readonly mayPipeline: boolean
  readonly timeouts: Readonly<Record<keyof typeof clientTimeouts, number>>
  readonly limits: Readonly<Record<keyof typeof clientLimits, number>>
  readonly wheel: DeadlineWheel
  readonly clock: Clock
  /** Aborting it destroys the connection; whoever waits is told. */
  readonly abort: AbortSet
}

/** Why a connection is gone. `text` is a phrase for people and DSNs; it says nothing about our insides. */
export interface Loss {
  readonly kind: 'lost'
  readonly cause: LossCause
  readonly text: string
}

/**
 * `no-tls`, `untrusted`: our policy asks for more than the server has. `local`: the content could not be read here.
 * `aborted`: by `Dial.abort` or `destroy`.
 */
export type LossCause =
  | 'refused'
  | 'closed'
  | 'time-out'
  | 'nonsense'
  | 'tls'
  | 'no-tls'
  | 'untrusted'
  | 'local'
  | 'aborted'

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
  #phase: 'connecting' | 'talking' | 'securing' = 'connecting'
  /** While `null`, input waits in the reader. */
  #handler: ReplyHandler | null = null
  #loss: Loss | null = null
  #onDrain: (() => void) | null = null
  #failure: string | null = null
  readonly #onAbort = (): void => this.lose('aborted', 'the relay gave up the connection')

  /** Calls; `connected` tells how that ends. */
  constructor(dial: Dial) {
    this.dial = dial
    this.#reader = new ReplyReader(dial.limits)
    this.#deadline = dial.wheel.deadline(() => this.#timeOut())
    this.#socket = connect({
      host: dial.address,
      port: dial.port,
      noDelay: true,
      ...(dial.localAddress === null ? {} : { localAddress: dial.localAddress }),
    })
    this.#listen(this.#socket)
    dial.abort.add(this.#onAbort)
  }

  /** Once: resolves with `null`, or with why there is no connection. */
  connected(): Promise<Loss | null> {
    return new Promise((resolve) => {
      this.expect('the call', this.dial.timeouts.connectMs)
      this.handler = { onReply: () => {}, onLost: resolve }
      this.#socket.once('connect', () => {
        this.#phase = 'talking'
        this.#handler = null
        this.rest()
        resolve(null)
      })
    })
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

  /** Ends the connection; the handler is told why. Does nothing the second time. */
  lose(cause: LossCause, text: string): void {
    if (this.#loss !== null) return
    this.#loss = { kind: 'lost', cause, text }
    this.#deadline.end()
    this.dial.abort.delete(this.#onAbort)
    this.#socket.destroy()
    this.#onDrain?.()
    this.#onDrain = null
    this.#tell(this.#loss)
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk)
      this.#read()
    })
    socket.on('drain', () => {
      this.#onDrain?.()
      this.#onDrain = null
    })
    socket.on('error', (thrown: Error) => {
      this.#failure = systemCode(thrown) ?? thrown.message
    })
    socket.on('close', () => this.#closed())
  }

  #closed(): void {
    if (this.#failure === null) this.#fail('closed', 'the server closed the connection')
    else this.#fail('closed', `the connection broke: ${this.#failure}`)
  }

  #timeOut(): void {
    const wait = formatDuration(this.#delayMs)
    this.#fail('time-out', `no answer to ${this.#awaited} within ${wait}`)
  }

  /** What the same event means depends on how far we were. */
  #fail(cause: LossCause, text: string): void {
    if (this.#phase === 'connecting') this.lose('refused', text)
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

export function isLoss(found: object): found is Loss {
  return 'kind' in found && found.kind === 'lost'
}

/** RFC 3463 §3.5: no answer from host, bad connection, protocol; §3.8: security; §3.4: system. */
const enhancedByCause = {
  refused: '4.4.1',
  closed: '4.4.2',
  'time-out': '4.4.2',
  nonsense: '4.5.0',
  tls: '4.7.0',
  'no-tls': '4.7.4',
  untrusted: '4.7.5',
  local: '4.3.0',
  aborted: '4.4.2',
} as const satisfies Record<LossCause, string>

/** Our words for a loss, as a reply. */
export function replyOfLoss(loss: Loss, circumstance = ''): Reply {
  const code = loss.cause === 'local' ? 451 : 421
  return reply(code, enhancedByCause[loss.cause], `${loss.text}${circumstance}`)
}
