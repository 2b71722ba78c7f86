// SPDX-License-Identifier: Apache-2.0
/** A server connection of ours in memory, with a handler that does what mailboxes say, and a client that plays a case. */
import { ms } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { type ServerLimits, serverLimits } from '../../src/base/limits/limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { MemoryBudget } from '../../src/base/memory-budget.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { type Reply, reply } from '../../src/protocol/reply.ts'
import { saslMechanisms } from '../../src/protocol/smtp/sasl.ts'
import { scramKeysOf } from '../../src/protocol/smtp/scram.ts'
import { serverReplies } from '../../src/protocol/smtp/server-replies.ts'
import { ServerConnection } from '../../src/smtp/server-connection.ts'
import type { ContentSink, SessionHandler } from '../../src/smtp/server-handler.ts'
import type { ServerTls } from '../../src/smtp/server-tls.ts'
import { inPieces, type MemorySocket, settle, Wire } from './memory-socket.ts'

export interface ServerCase {
  readonly octets: Buffer
  /** Lengths of the pieces that come, over and over. */
  readonly lengths: readonly number[]
  /** The client waits for what it said to be done before it goes on. */
  readonly isPatient: boolean
  /** Its system takes our replies late. */
  readonly isSlow: boolean
  readonly handshake: 'done' | 'broken'
  readonly ending: 'end' | 'cut' | 'silence' | 'drain' | 'dismissal'
}

/** Small, so that every bound is met. */
export const limits: ServerLimits = {
  ...serverLimits,
  commandLineOctets: 160,
  authLineOctets: 240,
  textLineOctets: 90,
  messageOctets: 400,
  recipientsPerMessage: 2,
  transactionsPerSession: 4,
  errorsPerSession: 6,
  authFailuresPerSession: 2,
  pipelinedOctets: 256,
  gatheredReplyOctets: 200,
}

/** Rounds in which nothing that is waited for comes: it never will. */
const ROUNDS = 60
const KEYS = scramKeysOf('right', Buffer.from('salt'))
const answers: Readonly<Record<string, Reply>> = {
  refused: reply(550, '5.7.1', 'Not wanted'),
  later: reply(452, '4.3.1', 'Not now'),
  closing: reply(421, '4.3.2', 'Closing'),
}
const taken = reply(250, '2.0.0', 'Ok')
const DISMISSAL = reply(421, '4.7.0', 'You may not stay')

/** One message's content: ended once, by whatever. */
export class CountedSink implements ContentSink {
  octets = 0
  ends = 0
  readonly #answer: Reply
  readonly #isSlow: boolean

  constructor({ reversePath }: Envelope) {
    const name = nameOf(reversePath)
    this.#answer = answers[name] ?? taken
    this.#isSlow = name === 'slow'
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.ends > 0) throw new Error('content was written after its end')
    this.octets += chunk.length
    return this.#isSlow ? settle(3) : undefined
  }

  async finish(): Promise<Reply> {
    this.ends++
    if (this.#isSlow) await settle(3)
    return this.#answer
  }

  abort(): void {
    this.ends++
  }
}

function nameOf(reversePath: string | null): string {
  return reversePath?.split('@', 1)[0] ?? ''
}

export class ServerPeer {
  readonly wire = new Wire()
  readonly sinks: CountedSink[] = []
  readonly memory = new MemoryBudget(1_000_000)
  readonly wheel: DeadlineWheel
  closings = 0
  readonly #clock = new ManualClock()
  readonly #case: ServerCase
  readonly #connection: ServerConnection<string>

  constructor(played: ServerCase) {
    this.#case = played
    this.wheel = new DeadlineWheel(this.#clock)
    this.wire.isSlow = played.isSlow
    this.#connection = new ServerConnection<string>(this.wire.socket.asSocket, {
      hostname: 'relay.example',
      limits,
      memory: this.memory,
      wheel: this.wheel,
      tls: () => this.#tls(),
      isImplicitTls: false,
      handler: this.#handler(),
      refusal: null,
      claim: (address) => (address.endsWith('9') ? null : this.#handler()),
      onClosed: () => this.closings++,
    })
  }

  async play(): Promise<void> {
    const { octets, lengths, isPatient } = this.#case
    for (const piece of inPieces(octets, lengths)) {
      if (isPatient) await this.#turn()
      for (let round = 0; this.#mayNotSpeak && round < ROUNDS; round++) await this.#turn()
      if (this.wire.isGone) return this.#turn()
      if (this.#mayNotSpeak) throw new Error('nothing is read any more')
      this.wire.push(piece)
    }
    await this.#end()
  }

  get #mayNotSpeak(): boolean {
    return !this.wire.isGone && (this.wire.socket.isPaused || this.wire.onSecure !== null)
  }

  /** Whatever was waited for comes. */
  async #turn(): Promise<void> {
    await settle()
    this.wire.drain()
    const { onSecure } = this.wire
    this.wire.onSecure = null
    if (onSecure !== null && this.#case.handshake === 'done') onSecure()
    else if (onSecure !== null) this.wire.socket.destroy()
    this.#clock.advance(ms(700))
    await settle()
  }

  async #end(): Promise<void> {
    for (let round = 0; this.#case.ending !== 'cut' && round < 4; round++) await this.#turn()
    const { ending } = this.#case
    if (ending === 'cut') this.wire.socket.destroy()
    if (ending === 'drain') this.#connection.leave(serverReplies.shuttingDown)
    if (ending === 'dismissal') this.#connection.review()
    if (ending === 'end' && !this.wire.isGone) this.wire.end()
    for (let round = 0; !this.wire.isGone && round < ROUNDS; round++) {
      await this.#turn()
      if (ending !== 'end' || this.wire.hasEnded) this.#clock.advance(ms(400_000))
    }
    // A verdict on a login outlives the connection by its delay, and no longer.
    await this.#turn()
    await this.#turn()
  }

  #tls(): ServerTls {
    const tls = {
      secure: (_: unknown, onSecure: (facts: object) => void): MemorySocket =>
        this.wire.secure(() =>
          onSecure({ version: 'TLSv1.3', cipher: 'X', clientCertificate: null }),
        ),
    }
    return tls as unknown as ServerTls
  }

  #handler(): SessionHandler<string> {
    return {
      now: () => this.#clock.now(),
      allowsClearTextAuth: true,
      offersTls: () => true,
      mayClaimClient: true,
      mechanisms: () => saslMechanisms,
      scram: () => ({ keys: KEYS, nonce: 'server' }),
      authenticate: (attempt) => {
        const isRight = attempt.kind === 'secret' ? attempt.secret === 'right' : attempt.isProven
        if (attempt.userName === 'unheard') return { kind: 'unheard' }
        const afterMs = attempt.userName === 'slow' ? 500 : 0
        return { kind: 'heard', identity: isRight ? attempt.userName : null, afterMs }
      },
      dismissal: () => DISMISSAL,
      admit: () => null,
      admitRecipient: () => null,
      refused: () => {},
      begin: (_, envelope) => {
        const sink = new CountedSink(envelope)
        if (this.sinks.some(({ ends }) => ends === 0)) throw new Error('two messages are open')
        this.sinks.push(sink)
        return sink
      },
    }
  }
}
