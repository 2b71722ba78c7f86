// SPDX-License-Identifier: Apache-2.0
/**
 * One session of the sink: commands are read one at a time and each is answered before the next is looked at.
 * RFC 5321 with PIPELINING (2920), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531), ENHANCEDSTATUSCODES (2034),
 * DSN (3461), CHUNKING (3030), STARTTLS (3207).
 *
 * Known limits: no AUTH, no BINARYMIME, no VRFY; parameters are checked by name, and values only where the sink
 * goes by them.
 */
import { sinkLimits } from '../../base/limits/limits.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import { type PathCommand, parseBdat, parsePathCommand, splitCommand } from './command-line.ts'
import { receiveBdat, receiveData } from './content-transfer.ts'
import type { Verdict } from './provider.ts'
import type { SinkConnection } from './sink-connection.ts'
import type { SinkContext } from './sink-context.ts'
import { SinkTransaction } from './sink-transaction.ts'

const OK = reply(250, '2.0.0', 'OK')
const WRONG_ORDER = reply(503, '5.5.1', 'Bad sequence of commands')
const SYNTAX = reply(501, '5.5.4', 'Syntax error in parameters')
const NOT_IMPLEMENTED = reply(502, '5.5.1', 'Command not implemented')
const NO_RECIPIENTS = reply(554, '5.5.1', 'No valid recipients')
const MAIL_PARAMETERS: ReadonlySet<string> = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID'])
const RCPT_PARAMETERS: ReadonlySet<string> = new Set(['NOTIFY', 'ORCPT'])
/** 100,000 octets with code and CRLF. */
const FLOOD = Buffer.from(`250 ${'a'.repeat(99_994)}\r\n`)
const NONSENSE = Buffer.from('\0\x01\xff 999 what?\r\n\r\n2five0 ok\r\n', 'latin1')

export class SinkSession {
  readonly #context: SinkContext
  readonly #connection: SinkConnection
  #isGreeted = false
  #transaction: SinkTransaction | null = null
  #messages = 0
  #errors = 0

  constructor(connection: SinkConnection, context: SinkContext) {
    this.#connection = connection
    this.#context = context
  }

  /** Resolves when the connection is gone. Never rejects for what a peer does. */
  async run(): Promise<void> {
    const { provider, tally } = this.#context
    try {
      const tooMany = provider.enter(this.#connection.client)
      if (tooMany) {
        tally.count('tooManyConnections')
        return await this.#connection.dismiss(tooMany)
      }
      await this.#connection.say(reply(220, null, `${provider.temperament.host} ESMTP`))
      while (this.#connection.isOpen) await this.#next()
    } finally {
      provider.leave(this.#connection.client)
      this.#transaction?.release()
      this.#connection.drop()
    }
  }

  async #next(): Promise<void> {
    const read = await this.#connection.line()
    switch (read.kind) {
      case 'end':
        return
      case 'too-long':
        return this.#complain(reply(500, '5.5.2', 'Line too long'))
      case 'bare-line-end':
        return this.#complain(reply(500, '5.5.2', 'Lines end with CRLF'))
      case 'line':
        if (this.#context.provider.temperament.pipelining === 'lie') this.#connection.discard()
        return this.#command(read.text)
    }
  }

  #command(line: string): Promise<void> {
    const { verb, rest } = splitCommand(line)
    switch (verb) {
      case 'EHLO':
        return this.#hello(this.#extensions())
      case 'HELO':
        return this.#hello([])
      case 'STARTTLS':
        return this.#startTls()
      case 'MAIL':
        return this.#mail(rest)
      case 'RCPT':
        return this.#rcpt(rest)
      case 'DATA':
        return this.#data()
      case 'BDAT':
        return this.#bdat(rest)
      case 'RSET':
        this.#reset()
        return this.#connection.say(OK)
      case 'NOOP':
        return this.#connection.say(OK)
      case 'QUIT':
        return this.#connection.dismiss(reply(221, '2.0.0', 'Bye'))
      default:
        return this.#complain(NOT_IMPLEMENTED)
    }
  }

  #hello(extensions: readonly string[]): Promise<void> {
    this.#isGreeted = true
    this.#reset()
    const { host } = this.#context.provider.temperament
    return this.#connection.say(reply(250, null, [host, ...extensions].join('\n')))
  }

  #extensions(): readonly string[] {
    const { pipelining, chunking } = this.#context.provider.temperament
    return [
      ...(pipelining === false ? [] : ['PIPELINING']),
      `SIZE ${sinkLimits.messageOctets}`,
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'DSN',
      ...(chunking ? ['CHUNKING'] : []),
      ...(this.#offersTls() ? ['STARTTLS'] : []),
    ]
  }

  #offersTls(): boolean {
    const { secureContext, provider } = this.#context
    const { client, tlsVersion } = this.#connection
    return secureContext !== null && tlsVersion === null && provider.offersTls(client)
  }

  /** RFC 3207: what was known is forgotten, what was sent ahead is not believed. */
  async #startTls(): Promise<void> {
    const { secureContext, provider, tally } = this.#context
    if (!secureContext || !this.#offersTls()) return this.#complain(NOT_IMPLEMENTED)
    if (this.#connection.hasMore)
      return this.#connection.dismiss(reply(554, '5.5.1', 'Nothing may follow STARTTLS'))
    await this.#connection.say(reply(220, '2.0.0', 'Ready to start TLS'))
    if (provider.temperament.tls === 'broken') {
      await this.#connection.some(1)
      tally.count('tlsFailed')
      return this.#connection.dismiss(reply(500, '5.5.1', 'This is no handshake'))
    }
    this.#isGreeted = false
    this.#reset()
    if (!(await this.#connection.secure(secureContext))) tally.count('tlsFailed')
  }

  #mail(rest: string): Promise<void> {
    if (!this.#isGreeted || this.#transaction) return this.#complain(WRONG_ORDER)
    const command = parsePathCommand(rest, 'FROM')
    if (!command) return this.#complain(SYNTAX)
    const refusal = unknownParameter(command, MAIL_PARAMETERS) ?? tooLarge(command)
    if (refusal) return this.#complain(refusal)
    const { client, tlsVersion } = this.#connection
    const dismissal = this.#context.provider.dismissal(client, this.#messages)
    if (dismissal) {
      this.#context.tally.count('dismissed')
      return this.#connection.dismiss(dismissal)
    }
    this.#transaction = new SinkTransaction(this.#context, {
      client,
      tls: tlsVersion,
      reversePath: command.path,
      isInternational: command.parameters.has('SMTPUTF8'),
    })
    return this.#connection.say(reply(250, '2.1.0', 'OK'))
  }

  #rcpt(rest: string): Promise<void> {
    const transaction = this.#transaction
    if (!transaction || transaction.isReceiving) return this.#complain(WRONG_ORDER)
    const command = parsePathCommand(rest, 'TO')
    if (!command) return this.#complain(SYNTAX)
    const refusal =
      unknownParameter(command, RCPT_PARAMETERS) ?? transaction.objection(command.path)
    if (refusal) return this.#complain(refusal)
    return this.#carryOut(transaction.judge(command.path))
  }

  #carryOut(verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case 'accept':
        if (verdict.trick === 'discard-pipelined') this.#connection.discard()
        return this.#connection.say(reply(250, '2.1.5', 'OK'))
      case 'refuse':
        return this.#connection.say(verdict.reply)
      case 'dismiss':
        return this.#connection.dismiss(verdict.reply)
      case 'hang':
        return this.#connection.ignore()
      case 'flood':
        return this.#connection.send(FLOOD)
      case 'nonsense':
        return this.#connection.send(NONSENSE)
    }
  }

  async #data(): Promise<void> {
    const transaction = this.#transaction
    if (!transaction || transaction.isReceiving) return this.#complain(WRONG_ORDER)
    if (transaction.recipients.length === 0) return this.#complain(NO_RECIPIENTS)
    await this.#connection.say(reply(354, null, 'End data with <CR><LF>.<CR><LF>'))
    if (await receiveData(this.#connection, transaction)) await this.#finish(transaction)
    else this.#giveUp(transaction)
  }

  async #bdat(rest: string): Promise<void> {
    const chunk = parseBdat(rest)
    // Without a length there is no telling content from commands.
    if (!chunk) return this.#connection.dismiss(SYNTAX)
    const transaction = this.#transaction
    if (!(await receiveBdat(this.#connection, transaction, chunk.octets)))
      return this.#giveUp(transaction)
    if (!transaction) return this.#complain(WRONG_ORDER)
    if (transaction.recipients.length === 0) return this.#complain(NO_RECIPIENTS)
    if (chunk.isLast) await this.#finish(transaction)
    else await this.#connection.say(reply(250, '2.0.0', `${chunk.octets} octets`))
  }

  async #finish(transaction: SinkTransaction): Promise<void> {
    if (transaction.has('drop-after-dot')) return this.#giveUp(transaction)
    if (transaction.has('slow'))
      await this.#connection.pause(this.#context.provider.temperament.picked.slow)
    const answer = await transaction.finish()
    this.#messages++
    this.#reset()
    await this.#connection.say(answer)
  }

  /** In the middle of a message: the peer has gone, or the trick is that we go. */
  #giveUp(transaction: SinkTransaction | null): void {
    if (transaction?.isDropped) this.#context.tally.count('dropped')
    this.#connection.drop()
  }

  #reset(): void {
    this.#transaction?.release()
    this.#transaction = null
  }

  #complain(answer: Reply): Promise<void> {
    this.#context.tally.count('wrongCommands')
    this.#errors++
    if (this.#errors <= sinkLimits.errorsPerSession) return this.#connection.say(answer)
    return this.#connection.dismiss(reply(421, '4.7.0', 'Too many errors'))
  }
}

function unknownParameter(command: PathCommand, known: ReadonlySet<string>): Reply | null {
  for (const keyword of command.parameters.keys())
    if (!known.has(keyword)) return reply(555, '5.5.4', `Parameter ${keyword} not recognised`)
  return null
}

function tooLarge(command: PathCommand): Reply | null {
  return Number(command.parameters.get('SIZE') ?? 0) > sinkLimits.messageOctets
    ? reply(552, '5.3.4', 'Message too large')
    : null
}
