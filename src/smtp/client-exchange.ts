// SPDX-License-Identifier: Apache-2.0
/**
 * One transaction on the wire: writes what the machine of `protocol/smtp/client-transaction.ts` asks for, and makes the result.
 * On a kept connection to a server with PIPELINING it takes two writes, or one with CHUNKING.
 */
import { unreachable } from '../base/invariant.ts'
import type { clientTimeouts } from '../base/limits/limits.ts'
import type { TlsFacts } from '../events/event.ts'
import { isPositive, type Reply } from '../protocol/reply.ts'
import {
  mailCommand,
  type OutgoingEnvelope,
  rcptCommand,
} from '../protocol/smtp/client-commands.ts'
import {
  type Decision,
  type Step,
  stageNames,
  TransactionMachine,
  type TransactionStage,
} from '../protocol/smtp/client-transaction.ts'
import type { Extensions } from '../protocol/smtp/extensions.ts'
import type { OutgoingContent } from '../spool/content.ts'
import type { ClientConnection, ReplyHandler } from './client-connection.ts'
import { ContentWriter, type StreamEnd } from './client-content.ts'
import { type Conversation, keptReply } from './client-conversation.ts'
import { type Loss, replyOfLoss } from './loss.ts'

export interface ClientTransaction extends OutgoingEnvelope {
  readonly content: OutgoingContent
}

/** The connection died before the transaction had ended. */
export interface LostTransaction extends Loss {
  readonly stage: TransactionStage
  /** A kept connection that the server had closed before it saw this transaction: no failure, take another one at once. */
  readonly wasStale: boolean
}

export interface TransactionResult {
  /** In the order of the transaction's recipients. */
  readonly recipients: readonly Decision[]
  readonly lost: LostTransaction | null
  readonly facts: {
    /** `mx1.example.net[192.0.2.1]:25`. */
    readonly mx: string
    readonly tls: TlsFacts | null
    readonly offersDsn: boolean
    readonly conversation: readonly string[]
    /** From MAIL to the last reply, milliseconds. */
    readonly transmitMs: number
  }
}

/** What the session knows when a transaction begins. */
export interface ExchangeStart {
  readonly offered: Extensions
  readonly conversation: Conversation
  readonly needsReset: boolean
  /** The connection carried a transaction before. */
  readonly isKept: boolean
}

export class Exchange implements ReplyHandler {
  readonly #connection: ClientConnection
  readonly #transaction: ClientTransaction
  readonly #start: ExchangeStart
  readonly #onEnd: (exchange: Exchange) => void
  readonly #machine: TransactionMachine
  readonly #content: ContentWriter
  readonly #contentInGroup: boolean
  readonly #beganMs: number
  #hasHeard = false
  #isCutShort = false
  #lost: LostTransaction | null = null

  constructor(
    connection: ClientConnection,
    transaction: ClientTransaction,
    start: ExchangeStart,
    onEnd: (exchange: Exchange) => void,
  ) {
    const { pipelining, chunking } = start.offered
    this.#connection = connection
    this.#transaction = transaction
    this.#start = start
    this.#onEnd = onEnd
    this.#content = new ContentWriter(connection, transaction.content, chunking)
    this.#contentInGroup = pipelining && chunking && this.#content.fitsOneWrite
    this.#beganMs = connection.dial.clock.monotonic()
    this.#machine = new TransactionMachine({
      recipients: transaction.recipients.length,
      reset: start.needsReset,
      pipelined: pipelining,
      transfer: chunking ? 'bdat' : 'data',
      contentInGroup: this.#contentInGroup,
    })
  }

  /** Whether another transaction may follow on the connection. */
  get isReusable(): boolean {
    return this.#lost === null && !this.#isCutShort && this.#machine.isInStep
  }

  get needsReset(): boolean {
    return this.#machine.needsReset
  }

  begin(): void {
    this.#connection.handler = this
    if (this.#lost !== null) return
    if (this.#start.offered.pipelining) this.#sendGroup()
    else this.#sendCommand()
    this.#expect()
  }

  onReply(answer: Reply): void {
    this.#hasHeard = true
    this.#start.conversation.server(this.#kept(answer))
    // A server may decide before the content's end. Its refusal counts, but the rest cannot be taken back.
    this.#isCutShort = this.#content.isUnderWay
    if (this.#content.isUnderWay && isPositive(answer))
      this.#connection.lose('nonsense', 'the server took half a message')
    else this.#perform(this.#machine.take(this.#kept(answer)), answer)
  }

  onLost(loss: Loss): void {
    const stage = this.#machine.stage
    if (stage === 'done') return
    const wasStale = this.#start.isKept && !this.#hasHeard && loss.cause === 'closed'
    this.#lost = { ...loss, stage, wasStale }
    this.#start.conversation.note(loss.text)
    this.#machine.breakOff(replyOfLoss(loss, this.#circumstanceOf(stage, loss)))
    this.#onEnd(this)
  }

  /** Only at the end. */
  result(): TransactionResult {
    const { clock, limits } = this.#connection.dial
    return {
      recipients: this.#machine.decisions(),
      lost: this.#lost,
      facts: {
        mx: this.#connection.name,
        tls: this.#connection.tls,
        offersDsn: this.#start.offered.dsn,
        conversation: this.#start.conversation.lines(limits.conversationLines),
        transmitMs: clock.monotonic() - this.#beganMs,
      },
    }
  }

  #perform(step: Step, answer: Reply): void {
    switch (step) {
      case 'await':
        break
      case 'command':
        this.#sendCommand()
        break
      case 'content':
        this.#sendContent()
        break
      case 'dot':
        this.#start.conversation.client('.')
        this.#connection.write('.\r\n')
        break
      case 'nonsense':
        this.#connection.lose('nonsense', `the server answered with ${answer.code}`)
        break
      case 'done':
        this.#connection.rest()
        this.#onEnd(this)
        break
      default:
        unreachable(step)
    }
    this.#expect()
  }

  /** All commands that RFC 2920 allows in one group: RSET, MAIL, every RCPT, then DATA or BDAT with the content. */
  #sendGroup(): void {
    const { offered, needsReset, conversation } = this.#start
    const lines = needsReset ? ['RSET'] : []
    lines.push(mailCommand(this.#transaction, this.#content.octets, offered))
    for (const recipient of this.#transaction.recipients)
      lines.push(rcptCommand(recipient, offered))
    if (!offered.chunking) lines.push('DATA')
    else if (this.#contentInGroup) lines.push(this.#content.bdat)
    for (const line of lines) conversation.client(line)
    const commands = `${lines.join('\r\n')}\r\n`
    if (!this.#contentInGroup) this.#connection.write(commands)
    else {
      conversation.content(this.#content.octets)
      this.#content.writeWhole(commands)
    }
  }

  #sendCommand(): void {
    const line = this.#command()
    this.#start.conversation.client(line)
    this.#connection.write(`${line}\r\n`)
  }

  #command(): string {
    const { offered } = this.#start
    const { stage, recipient } = this.#machine
    const asked = this.#transaction.recipients[recipient]
    if (stage === 'rset') return 'RSET'
    if (stage === 'mail') return mailCommand(this.#transaction, this.#content.octets, offered)
    if (stage === 'rcpt' && asked !== undefined) return rcptCommand(asked, offered)
    return 'DATA'
  }

  #sendContent(): void {
    const { offered, conversation } = this.#start
    if (offered.chunking) conversation.client(this.#content.bdat)
    conversation.content(this.#content.octets)
    const before = offered.chunking ? `${this.#content.bdat}\r\n` : ''
    if (this.#content.fitsOneWrite) this.#content.writeWhole(before)
    else this.#stream(before)
  }

  #stream(before: string): void {
    this.#connection.write(before)
    this.#content
      .stream(() => this.#machine.stage !== 'done')
      .then(
        (end) => this.#afterStream(end),
        () => this.#afterFailure(),
      )
  }

  #afterStream(end: StreamEnd): void {
    if (end === 'wrong-size')
      this.#connection.lose('local', 'the content cannot be read: it is not of its size')
    this.#expect()
  }

  /** Only the content's own source throws, and it has told the operator why. What has gone out whole is past that. */
  #afterFailure(): void {
    if (!this.#content.isUnderWay) return
    const { trouble } = this.#content
    if (trouble?.kind === 'damaged')
      this.#connection.lose('damaged', `the content is damaged: ${trouble.why}`)
    else this.#connection.lose('local', 'the content cannot be read now')
  }

  #expect(): void {
    const { timeouts } = this.#connection.dial
    const stage = this.#machine.stage
    if (stage === 'done' || this.#content.isUnderWay) return
    this.#connection.expect(stageNames[stage], timeouts[timeoutOf[stage]])
  }

  #circumstanceOf(stage: TransactionStage, loss: Loss): string {
    if (this.#content.isUnderWay) return ' (in the middle of the content)'
    if (stage === 'content' || this.#contentInGroup)
      return ' (after the whole content was sent: whether it was taken is unknown)'
    return loss.cause === 'time-out' ? '' : ` (at ${stageNames[stage]})`
  }

  #kept(answer: Reply): Reply {
    return keptReply(answer, this.#connection.dial.limits.replyTextKept)
  }
}

/** RFC 5321 §4.5.3.2; RSET has none there and is as quick as MAIL. */
const timeoutOf = {
  rset: 'mailMs',
  mail: 'mailMs',
  rcpt: 'rcptMs',
  data: 'dataMs',
  content: 'endOfDataMs',
} as const satisfies Record<TransactionStage, keyof typeof clientTimeouts>
