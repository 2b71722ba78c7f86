// SPDX-License-Identifier: Apache-2.0
/**
 * The server's side of one session, without a socket: lines come in, what to do comes out. RFC 5321, with PIPELINING,
 * SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, DSN, CHUNKING, FUTURERELEASE, MT-PRIORITY, REQUIRETLS, LIMITS, STARTTLS
 * and AUTH.
 */
import { invariant, unreachable } from '../../base/invariant.ts'
import { postmasterOf } from '../mailbox.ts'
import { isPermanent, type Reply, reply } from '../reply.ts'
import {
  type AuthCommand,
  type BdatCommand,
  type Command,
  type FaultyCommand,
  type HelloCommand,
  type MailCommand,
  type PlainCommand,
  parseCommand,
  type RcptCommand,
  type XclientCommand,
} from './command.ts'
import { isInOrder, outOfOrder } from './command-order.ts'
import { isPriorityIgnored, type WishContext, wishesOf, wishRefusal } from './delivery-wishes.ts'
import { type LoginStep, ServerLogin } from './server-login.ts'
import { ehloReply, serverReplies } from './server-replies.ts'
import type { Effect } from './session-effect.ts'
import type { SessionFacts, SessionPolicy, SessionRules, SessionTls } from './session-policy.ts'
import { isCommandState, type SessionState, sessionTransitions } from './session-state.ts'
import { Transaction } from './transaction.ts'
import type { ClientClaim } from './xclient.ts'

/** What is known before the greeting. */
export interface SessionBeginning {
  readonly tls: SessionTls | null
  /** By XCLIENT, which has begun this session. */
  readonly claim?: ClientClaim
}

export class ServerSession<Identity> implements SessionFacts<Identity> {
  helo = ''
  isExtended = false
  tls: SessionTls | null
  identity: Identity | null = null
  readonly #rules: SessionRules
  readonly #policy: SessionPolicy<Identity>
  readonly #login: ServerLogin<Identity>
  #state: SessionState = { kind: 'greeted' }
  #errors = 0
  #transactions = 0
  readonly #claim: ClientClaim | null

  constructor(
    rules: SessionRules,
    policy: SessionPolicy<Identity>,
    { tls, claim }: SessionBeginning = { tls: null },
  ) {
    this.#rules = rules
    this.#policy = policy
    this.tls = tls
    this.#claim = claim ?? null
    this.#login = new ServerLogin(policy)
  }

  get state(): SessionState {
    return this.#state
  }

  /** The transaction that is open. */
  get transaction(): Transaction {
    invariant('transaction' in this.#state, 'a transaction is open')
    return this.#state.transaction
  }

  greeting(): Reply {
    return reply(220, null, `${this.#rules.hostname} ESMTP`)
  }

  /** A whole line without its CRLF. Not while content is read, a handshake goes on, or after the end. */
  line(line: Buffer): Effect {
    const state = this.#state
    if (state.kind === 'login') return this.#loggingIn(this.#login.line(line.toString('latin1')))
    const command = parseCommand(line)
    if (command.verb !== 'AUTH' && line.length + 2 > this.#rules.limits.commandLineOctets)
      return this.close(serverReplies.lineTooLong)
    if (command.verb === 'FAULT') return this.#faulty(command)
    invariant(isCommandState(state.kind), `a command may come in the state ${state.kind}`)
    if (isInOrder(command.verb, state.kind)) return this.#command(command, line.length)
    const refusal = outOfOrder(command.verb, state.kind)
    return command.verb === 'BDAT' ? this.#refuseChunk(command, refusal) : this.#say(refusal)
  }

  /** The content was refused or accepted, and `answer` says so. */
  contentEnded(answer: Reply): Effect {
    if (isPermanent(answer)) this.#report(answer, this.transaction.reversePathText, null)
    this.#enter({ kind: 'ready' })
    return answer.code === 421 ? this.close(answer) : { kind: 'reply', reply: answer }
  }

  /** TLS is there: all that was said before counts for nothing (RFC 3207 §4.2). */
  secured(tls: SessionTls): void {
    this.#enter({ kind: 'greeted' })
    this.helo = ''
    this.isExtended = false
    this.identity = null
    this.tls = tls
  }

  /** Ends the session, at any time. */
  close(answer: Reply): Effect {
    this.#enter({ kind: 'closed' })
    return { kind: 'close', reply: answer }
  }

  #command(command: Exclude<Command, FaultyCommand>, lineOctets: number): Effect {
    switch (command.verb) {
      case 'EHLO':
      case 'HELO':
        return this.#hello(command)
      case 'MAIL':
        return this.#mail(command)
      case 'RCPT':
        return this.#rcpt(command, lineOctets)
      case 'BDAT':
        if (this.#state.kind === 'rcpt')
          this.#enter({ kind: 'chunks', transaction: this.transaction })
        return { kind: 'chunk', octets: command.octets, isLast: command.isLast, refusal: null }
      case 'AUTH':
        return this.#auth(command)
      case 'XCLIENT':
        return this.#xclient(command)
      default:
        return this.#plain(command)
    }
  }

  #plain(command: PlainCommand): Effect {
    switch (command.verb) {
      case 'DATA':
        this.#enter({ kind: 'content', transaction: this.transaction })
        return { kind: 'content', reply: serverReplies.startContent }
      case 'RSET':
        if (this.#state.kind !== 'greeted') this.#enter({ kind: 'ready' })
        return this.#say(serverReplies.ok)
      case 'STARTTLS':
        return this.#startTls()
      case 'NOOP':
        return this.#say(serverReplies.ok)
      case 'HELP':
        return this.#say(serverReplies.help)
      case 'VRFY':
        return this.#say(serverReplies.cannotVerify)
      case 'EXPN':
        return this.#say(serverReplies.noExpansion)
      case 'QUIT':
        return this.close(serverReplies.bye)
      default:
        return unreachable(command.verb)
    }
  }

  #hello({ verb, name }: HelloCommand): Effect {
    this.#enter({ kind: 'ready' })
    // What a proxy claims of its client outlives what it says of itself.
    this.helo = this.#claim?.helo ?? name
    this.isExtended = this.#claim?.isExtended ?? verb === 'EHLO'
    const { hostname, limits } = this.#rules
    if (verb === 'HELO') return this.#say(reply(250, null, hostname))
    const offered = {
      hostname,
      ...limits,
      now: this.#policy.now(),
      isSecure: this.tls !== null,
      startTls: this.tls === null && this.#policy.offersTls(),
      auth: this.#mayLogIn ? this.#policy.mechanisms() : [],
      xclient: this.#policy.mayClaimClient,
    }
    return this.#say(ehloReply(name, offered))
  }

  #mail(command: MailCommand): Effect {
    const { limits } = this.#rules
    if (this.#transactions >= limits.transactionsPerSession)
      return this.close(serverReplies.tooManyTransactions)
    const context = this.#wishContext()
    const refusal =
      this.#policy.admit(this) ??
      mailRefusal(command, limits.messageOctets) ??
      wishRefusal(command, context)
    if (refusal !== null) return this.#refuse(refusal, command.reversePath ?? '', null)
    this.#transactions++
    const transaction = new Transaction(command, wishesOf(command, context))
    this.#enter({ kind: 'mail', transaction })
    return this.#say(
      isPriorityIgnored(command, context) ? serverReplies.priorityIgnored : serverReplies.mailOk,
    )
  }

  #wishContext(): WishContext {
    return {
      now: this.#policy.now(),
      isSecure: this.tls !== null,
      isAuthenticated: this.identity !== null,
      futureReleaseMs: this.#rules.limits.futureReleaseMs,
    }
  }

  #rcpt(command: RcptCommand, lineOctets: number): Effect {
    const { transaction } = this
    const { isInternational, notify, originalRecipient } = command
    const reversePath = transaction.reversePathText
    const forwardPath = command.forwardPath ?? postmasterOf(this.#rules.hostname)
    const refusal = this.#policy.admitRecipient(this, command.forwardPath)
    if (refusal !== null) return this.#refuse(refusal, reversePath, forwardPath)
    if (isInternational && !transaction.mail.smtputf8)
      return this.#refuse(serverReplies.forwardPathNeedsUtf8, reversePath, forwardPath)
    const isFull = transaction.recipientCount >= this.#rules.limits.recipientsPerMessage
    if (isFull && !transaction.has(forwardPath)) return this.#say(serverReplies.tooManyRecipients)
    if (this.#rules.memory.room === 'none') return this.#say(serverReplies.noRoom)
    transaction.add({ forwardPath, notify, originalRecipient }, lineOctets)
    if (this.#state.kind === 'mail') this.#enter({ kind: 'rcpt', transaction })
    return this.#say(serverReplies.rcptOk)
  }

  #startTls(): Effect {
    if (this.tls !== null) return this.#say(serverReplies.tlsActive)
    if (!this.#policy.offersTls()) return this.#say(serverReplies.tlsNotOffered)
    this.#enter({ kind: 'handshake' })
    return { kind: 'start-tls', reply: serverReplies.readyForTls }
  }

  get #mayLogIn(): boolean {
    return this.tls !== null || this.#policy.allowsClearTextAuth
  }

  #auth(command: AuthCommand): Effect {
    if (this.identity !== null) return this.#say(serverReplies.authenticatedAlready)
    if (!this.#mayLogIn) return this.#say(serverReplies.encryptionRequired)
    if (this.#login.failures >= this.#rules.limits.authFailuresPerSession)
      return this.close(serverReplies.tooManyFailedLogins)
    return this.#loggingIn(this.#login.begin(command))
  }

  #loggingIn({ reply: answer, isOver, identity, afterMs }: LoginStep<Identity>): Effect {
    this.#enter({ kind: isOver ? 'ready' : 'login' })
    this.identity = identity
    const effect = this.#say(answer)
    return afterMs === 0 ? effect : { kind: 'delay', milliseconds: afterMs, effect }
  }

  #xclient({ claim }: XclientCommand): Effect {
    if (!this.#policy.mayClaimClient) return this.#say(serverReplies.mayNotClaim)
    return { kind: 'claim', ...claim }
  }

  #faulty({ of, reply: answer, path }: FaultyCommand): Effect {
    if (of === 'BDAT') return this.close(answer)
    if (of === 'MAIL') return this.#refuse(answer, path, null)
    if (of === 'RCPT' && 'transaction' in this.#state)
      return this.#refuse(answer, this.transaction.reversePathText, path)
    return this.#say(answer)
  }

  #refuseChunk({ octets, isLast }: BdatCommand, refusal: Reply): Effect {
    const effect = this.#say(refusal)
    return effect.kind === 'close' ? effect : { kind: 'chunk', octets, isLast, refusal }
  }

  #refuse(refusal: Reply, reversePath: string | null, recipient: string | null): Effect {
    if (isPermanent(refusal)) this.#report(refusal, reversePath, recipient)
    return this.#say(refusal)
  }

  #report(refusal: Reply, reversePath: string | null, recipient: string | null): void {
    this.#policy.refused(this, { reply: refusal, reversePath, recipient })
  }

  #say(answer: Reply): Effect {
    if (answer.code === 421) return this.close(answer)
    if (isPermanent(answer) && ++this.#errors > this.#rules.limits.errorsPerSession)
      return this.close(serverReplies.tooManyErrors)
    return { kind: 'reply', reply: answer }
  }

  /** The only place where the state changes. */
  #enter(to: SessionState): void {
    const from = this.#state.kind
    invariant(
      (sessionTransitions[from] as readonly string[]).includes(to.kind),
      `a session may not go from ${from} to ${to.kind}`,
    )
    this.#state = to
  }
}

function mailRefusal(command: MailCommand, messageOctets: number): Reply | null {
  if (command.isInternational && !command.smtputf8) return serverReplies.reversePathNeedsUtf8
  return command.size !== null && command.size > messageOctets ? serverReplies.messageTooBig : null
}
