// SPDX-License-Identifier: Apache-2.0
/**
 * A session with a receiver, greeted and ready for mail; made by `connectSession`. One transaction at a time.
 *
 *   idle ⇄ busy       idle, busy ─▶ closed
 */
import type { AbortSet } from '../base/abort-set.ts'
import { invariant } from '../base/invariant.ts'
import type { TlsFacts } from '../events/event.ts'
import type { Reply } from '../protocol/reply.ts'
import { localRefusal } from '../protocol/smtp/client-commands.ts'
import type { Extensions } from '../protocol/smtp/extensions.ts'
import type { ClientConnection, ReplyHandler } from './client-connection.ts'
import { Conversation } from './client-conversation.ts'
import { type ClientTransaction, Exchange, type TransactionResult } from './client-exchange.ts'

type SessionState = 'idle' | 'busy' | 'closed'

const allowed = {
  idle: ['busy', 'closed'],
  busy: ['idle', 'closed'],
  closed: [],
} as const satisfies Record<SessionState, readonly SessionState[]>

export type { ClientTransaction, TransactionResult } from './client-exchange.ts'

export class ClientSession {
  readonly extensions: Extensions
  readonly #connection: ClientConnection
  #state: SessionState = 'idle'
  /** Greeting and EHLO, told with the first transaction only. */
  #opening: readonly string[]
  #needsReset = false
  #transactions = 0
  #onClose: (() => void) | null = null
  /** Whatever a server says while nobody asked, be it a 421, it does not want more mail here. */
  readonly #idleHandler: ReplyHandler = {
    onReply: (answer) => this.#connection.lose('closed', `the server said ${answer.code} unasked`),
    onLost: () => {
      this.#enter('closed')
      this.#onClose?.()
    },
  }

  constructor(connection: ClientConnection, extensions: Extensions, opening: readonly string[]) {
    this.#connection = connection
    this.extensions = extensions
    this.#opening = opening
    connection.handler = this.#idleHandler
  }

  /** Whether a transaction may begin now. */
  get isUsable(): boolean {
    return this.#state === 'idle'
  }

  /** `mx1.example.net[192.0.2.1]:25`. */
  get name(): string {
    return this.#connection.name
  }

  get tls(): TlsFacts | null {
    return this.#connection.tls
  }

  /** Transactions that were begun. */
  get transactions(): number {
    return this.#transactions
  }

  /** From here on `abort` ends it, and not the one that it was dialed under. */
  keepUntil(abort: AbortSet): void {
    this.#connection.keepUntil(abort)
  }

  /** `run` is called once, when the server ends the session while it is idle, or has already. */
  onClose(run: () => void): void {
    if (this.#state === 'closed') run()
    else this.#onClose = run
  }

  /**
   * Never rejects; resolves once every recipient is decided. What the server cannot take is refused without asking it.
   * On a session that was lost meanwhile the transaction is lost as well.
   */
  transact(transaction: ClientTransaction): Promise<TransactionResult> {
    invariant(this.#state === 'idle' || this.#connection.loss, 'a session is used when idle')
    const { content } = transaction
    const size = content.signature.length + content.size
    const refusal = localRefusal(transaction, size, this.extensions)
    if (refusal !== null) return Promise.resolve(this.#refused(transaction, refusal))
    if (this.#state === 'idle') this.#enter('busy')
    return new Promise((resolve) => {
      const start = {
        offered: this.extensions,
        conversation: new Conversation(this.#opening),
        needsReset: this.#needsReset,
        isKept: this.#transactions > 0,
      }
      this.#opening = []
      this.#transactions++
      new Exchange(this.#connection, transaction, start, (ended) => {
        this.#afterExchange(ended)
        resolve(ended.result())
      }).begin()
    })
  }

  /** Says goodbye, waits at most `quitMs`, closes. Never rejects. */
  quit(): Promise<void> {
    if (this.#state !== 'idle') {
      this.destroy()
      return Promise.resolve()
    }
    this.#enter('closed')
    return new Promise((resolve) => this.#connection.quit(resolve))
  }

  /** At once; a running transaction ends as lost. */
  destroy(): void {
    this.#onClose = null
    this.#connection.lose('aborted', 'the relay closed the connection')
  }

  #afterExchange(ended: Exchange): void {
    this.#needsReset = ended.needsReset
    if (this.#state === 'closed') return
    if (ended.isReusable) {
      this.#enter('idle')
      this.#connection.handler = this.#idleHandler
    } else {
      this.#enter('closed')
      this.#connection.handler = null
      this.#connection.lose('closed', 'the session cannot be used again')
    }
  }

  #refused(transaction: ClientTransaction, reply: Reply): TransactionResult {
    return {
      recipients: transaction.recipients.map(() => ({ reply, stage: 'local', said: 'us' })),
      lost: null,
      facts: {
        mx: this.name,
        tls: this.tls,
        offersDsn: this.extensions.dsn,
        conversation: [],
        transmitMs: 0,
      },
    }
  }

  /** The only place where the state changes. */
  #enter(to: SessionState): void {
    const targets: readonly SessionState[] = allowed[this.#state]
    invariant(targets.includes(to), `a session may not go from ${this.#state} to ${to}`)
    this.#state = to
  }
}
