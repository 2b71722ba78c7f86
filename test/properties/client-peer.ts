// SPDX-License-Identifier: Apache-2.0
/**
 * A receiver in memory that plays a case before a client session of ours: it hears commands, and answers them aptly or
 * not, early or late, in any pieces. `node:net`'s `connect` leads to it while `useMemory` holds.
 */

import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { AbortSet } from '../../src/base/abort-set.ts'
import { ms } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { clientLimits, clientTimeouts } from '../../src/base/limits/limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import type { TlsPolicy } from '../../src/protocol/tls-policy.ts'
import type { Dial } from '../../src/smtp/client-connection.ts'
import { connectSession, type DialResult } from '../../src/smtp/client-dial.ts'
import type { ClientTransaction, TransactionResult } from '../../src/smtp/client-session.ts'
import type { ClientTls, Securing } from '../../src/smtp/client-tls.ts'
import { inPieces, settle, Wire } from './memory-socket.ts'
import { type ContentCase, transactionOf } from './sample-content.ts'

/**
 * What the receiver does next. `apt`: it answers the oldest command that waits, as one that takes everything; `ready`: so
 * until the session is there, or the dial has failed.
 */
export type Move =
  | { readonly kind: 'apt' | 'ready' | 'wait' | 'turn' }
  /** To the oldest command that waits. */
  | { readonly kind: 'answer'; readonly code: number }
  | { readonly kind: 'say'; readonly octets: Buffer }

export interface ClientCase {
  readonly extensions: readonly string[]
  readonly tls: TlsPolicy
  readonly handshake: 'done' | 'broken' | 'unverified'
  readonly mayPipeline: boolean
  readonly opening: readonly Move[]
  readonly moves: readonly Move[]
  readonly lengths: readonly number[]
  readonly isSlow: boolean
  readonly transactions: readonly ContentCase[]
  readonly ending: 'apt' | 'close' | 'silence' | 'abort'
}

export interface Attempt {
  readonly transaction: ClientTransaction
  readonly text: string
  readonly result: TransactionResult
}

/** Small, so that content is streamed and bounds are met. */
export const limits: Dial['limits'] = {
  ...clientLimits,
  replyLineOctets: 120,
  replyLines: 14,
  replyOctets: 500,
  replyTextKept: 60,
  conversationLines: 6,
  contentWriteOctets: 64,
}

const ROUNDS = 80

let next: Wire | null = null

/** From here on connections are made in memory. */
export function useMemory(): void {
  const connect = (): unknown => next?.socket
  Object.assign(net, { connect })
  syncBuiltinESMExports()
}

export class ClientPeer {
  readonly wire = new Wire()
  readonly wheel: DeadlineWheel
  readonly attempts: Attempt[] = []
  dialed: DialResult | null = null
  readonly #clock = new ManualClock()
  readonly #case: ClientCase
  readonly #abort = new AbortSet()
  /** Commands that were not answered. */
  readonly #asked: string[] = []
  #read = 0
  /** The next octets of the client are content until a dot. */
  #isContent = false
  #isDone = false

  constructor(played: ClientCase) {
    this.#case = played
    this.wheel = new DeadlineWheel(this.#clock)
    this.wire.isSlow = played.isSlow
  }

  /** Throws where the client does not come to its end. */
  async play(): Promise<void> {
    next = this.wire
    const client = this.#client()
    this.wire.socket.emit('connect')
    await settle()
    for (const move of [...this.#case.opening, ...this.#case.moves]) {
      if (this.wire.isGone) break
      await this.#perform(move)
    }
    // A dial that failed says goodbye after its result is known.
    for (let round = 0; !(this.#isDone && this.wire.isGone) && round < ROUNDS; round++)
      await this.#end()
    if (!this.#isDone) throw new Error('the client waits for ever')
    await client
  }

  async #client(): Promise<void> {
    try {
      const dialed = await connectSession(this.#dial())
      this.dialed = dialed
      if (dialed.kind === 'failed') return
      for (const content of this.#case.transactions) {
        if (!dialed.session.isUsable) break
        const transaction = transactionOf(content)
        const result = await dialed.session.transact(transaction)
        this.attempts.push({ transaction, text: content.text, result })
      }
      await dialed.session.quit()
    } finally {
      this.#isDone = true
    }
  }

  async #perform(move: Move): Promise<void> {
    if (move.kind === 'ready') return this.#makeReady()
    if (move.kind === 'wait') this.#clock.advance(ms(100_000))
    else if (move.kind === 'say') this.#say(move.octets)
    else if (move.kind !== 'turn') this.#answer(move.kind === 'answer' ? move.code : null)
    await this.#turn()
  }

  async #makeReady(): Promise<void> {
    for (let round = 0; round < 6 && this.dialed === null; round++) {
      this.#answer(null)
      await this.#turn()
    }
  }

  async #turn(): Promise<void> {
    await settle()
    this.wire.drain()
    const { onSecure } = this.wire
    this.wire.onSecure = null
    if (onSecure !== null && this.#case.handshake !== 'broken') onSecure()
    else if (onSecure !== null) this.wire.socket.destroy()
    await settle()
  }

  async #end(): Promise<void> {
    const { ending } = this.#case
    if (ending === 'silence') this.#clock.advance(ms(700_000))
    else if (ending === 'abort') this.#abort.abort()
    else if (ending === 'close' || this.#isStuck()) this.wire.socket.destroy()
    else this.#answer(null)
    await this.#turn()
  }

  /** Nothing waits for an answer, though the client is not done. */
  #isStuck(): boolean {
    this.#listen()
    return (
      this.#asked.length === 0 &&
      this.wire.written.length > 0 &&
      !this.wire.socket.writableNeedDrain
    )
  }

  #answer(code: number | null): void {
    this.#listen()
    const asked = this.#asked.shift() ?? (this.wire.written.length === 0 ? 'GREETING' : null)
    if (asked === null) return
    const said = code ?? aptCode(asked)
    const keywords = asked === 'EHLO' && said === 250 ? this.#case.extensions : []
    const lines = ['mx.example.net', ...keywords]
    this.#isContent ||= asked === 'DATA' && said === 354
    const text = lines.map((line, at) => `${said}${at < lines.length - 1 ? '-' : ' '}${line}\r\n`)
    this.#say(Buffer.from(text.join('')))
  }

  #say(octets: Buffer): void {
    for (const piece of inPieces(octets, this.#case.lengths)) this.wire.push(piece)
  }

  /** Reads the client's commands, so far as a receiver can that does not mind what it says itself. */
  #listen(): void {
    const said = this.wire.said
    for (;;) {
      const mark = this.#isContent ? '\r\n.\r\n' : '\r\n'
      const end = said.indexOf(mark, this.#isContent ? this.#read - 2 : this.#read)
      if (end < 0) return
      const line = said.toString('latin1', this.#read, end)
      this.#read = end + mark.length
      const chunk = /^BDAT (\d+)/.exec(line)
      if (chunk !== null) this.#read += Number(chunk[1])
      this.#asked.push(this.#isContent ? 'CONTENT' : (line.split(' ', 1)[0] ?? ''))
      this.#isContent = false
    }
  }

  #dial(): Dial {
    const wire = this.wire
    const { tls, handshake, mayPipeline } = this.#case
    const secure = (): Securing =>
      ({
        socket: wire.secure((socket) => socket.emit('secureConnect')),
        isResuming: false,
        facts: () => ({ version: 'TLSv1.3', cipher: 'X', verified: handshake === 'done' }),
        problem: () => (handshake === 'done' ? null : 'it has expired'),
      }) as unknown as Securing
    return {
      host: 'mx.example.net',
      address: '192.0.2.1',
      port: 25,
      localAddress: null,
      hop: null,
      ehloName: 'relay.example.org',
      tls,
      tlsNames: [],
      security: { secure } as unknown as ClientTls,
      mayPipeline,
      timeouts: clientTimeouts,
      limits,
      wheel: this.wheel,
      clock: this.#clock,
      abort: this.#abort,
    }
  }
}

function aptCode(asked: string): number {
  if (asked === 'GREETING' || asked === 'STARTTLS') return 220
  if (asked === 'DATA') return 354
  return asked === 'QUIT' ? 221 : 250
}
