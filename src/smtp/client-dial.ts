// SPDX-License-Identifier: Apache-2.0
/**
 * From an address to a session: connect, greeting, EHLO (HELO where that is unknown), STARTTLS where it is offered, EHLO again.
 * RFC 5321 §3.1–3.2, RFC 3207.
 */
import { isPermanent, isPositive, isTransient, type Reply, reply } from '../protocol/reply.ts'
import { type Extensions, extensionsOf, noExtensions } from '../protocol/smtp/extensions.ts'
import { ClientConnection, type Dial, peerName } from './client-connection.ts'
import { Conversation, keptReply } from './client-conversation.ts'
import { ClientSession } from './client-session.ts'
import { isLoss, type Loss, type LossCause, replyOfLoss } from './loss.ts'

/** `hop`: no server was called, for the proxy did not take us. */
export type DialStage = 'hop' | 'connect' | 'greeting' | 'ehlo' | 'starttls'

export interface DialFailure {
  readonly kind: 'failed'
  readonly stage: DialStage
  /** The server's, or ours where it gave none. */
  readonly reply: Reply
  readonly said: 'peer' | 'us'
  /** STARTTLS was offered and does not work: the host may be tried in the clear. */
  readonly tlsBroken: boolean
  /** It was a session of before that did not work: a whole handshake may. */
  readonly tlsResumed: boolean
  /** `mx1.example.net[192.0.2.1]:25`. */
  readonly mx: string
  readonly conversation: readonly string[]
}

export type DialResult =
  | { readonly kind: 'connected'; readonly session: ClientSession }
  | DialFailure

/** Never rejects. */
export async function connectSession(dial: Dial): Promise<DialResult> {
  const connection = new ClientConnection(dial)
  const loss = await connection.connected()
  return loss === null ? sessionOver(connection) : unanswered(dial, loss)
}

/** Over a connection that has just been made. Never rejects. */
export function sessionOver(connection: ClientConnection): Promise<DialResult> {
  return new Handshake(connection).run()
}

export function unanswered(dial: Dial, loss: Loss): DialFailure {
  return {
    kind: 'failed',
    stage: loss.cause === 'hop' ? 'hop' : 'connect',
    reply: replyOfLoss(loss),
    said: 'us',
    tlsBroken: false,
    tlsResumed: false,
    mx: peerName(dial),
    conversation: [`(${loss.text})`],
  }
}

const TLS_MISSING: Loss = {
  kind: 'lost',
  cause: 'no-tls',
  text: 'TLS is required and the server does not offer it',
}

const sayNothingAboutTls: readonly LossCause[] = ['aborted', 'no-tls', 'untrusted']

class Handshake {
  readonly #connection: ClientConnection
  readonly #conversation = new Conversation()

  constructor(connection: ClientConnection) {
    this.#connection = connection
  }

  async run(): Promise<DialResult> {
    const { dial } = this.#connection
    const greeting = await this.#ask(null, 'the greeting', dial.timeouts.greetingMs)
    if (isLoss(greeting) || !isPositive(greeting)) return this.#fail('greeting', greeting)
    let offered = await this.#hello()
    if (isFailure(offered)) return offered
    const needsTls = dial.tls === 'require' || dial.tls === 'verify'
    if (needsTls && !offered.startTls) return this.#fail('starttls', TLS_MISSING)
    if (dial.tls !== 'none' && offered.startTls) {
      const failure = await this.#secure()
      if (failure !== null) return failure
      offered = await this.#hello()
      if (isFailure(offered)) return offered
    }
    if (this.#connection.hasUnreadInput) {
      this.#connection.lose('nonsense', 'the server spoke out of turn after EHLO')
    }
    if (this.#connection.loss) return this.#fail('ehlo', this.#connection.loss)
    const opening = this.#conversation.lines(dial.limits.conversationLines)
    return {
      kind: 'connected',
      session: new ClientSession(this.#connection, offered, opening),
    }
  }

  async #hello(): Promise<Extensions | DialFailure> {
    const { ehloName, mayPipeline, timeouts } = this.#connection.dial
    const ehlo = await this.#ask(`EHLO ${ehloName}`, 'EHLO', timeouts.ehloMs)
    if (isLoss(ehlo)) return this.#fail('ehlo', ehlo)
    if (isPositive(ehlo)) {
      const offered = extensionsOf(ehlo)
      return mayPipeline ? offered : { ...offered, pipelining: false }
    }
    if (!isPermanent(ehlo)) return this.#fail('ehlo', ehlo)
    // RFC 5321 §3.2: a server that does not know EHLO may know HELO. What was secured stays so.
    const helo = await this.#ask(`HELO ${ehloName}`, 'HELO', timeouts.ehloMs)
    if (isLoss(helo) || !isPositive(helo)) return this.#fail('ehlo', helo)
    return noExtensions
  }

  async #secure(): Promise<DialFailure | null> {
    const { tls, timeouts } = this.#connection.dial
    const answer = await this.#ask('STARTTLS', 'STARTTLS', timeouts.startTlsMs)
    if (isLoss(answer) || !isPositive(answer)) return this.#fail('starttls', answer)
    const secured = await this.#connection.startTls()
    if (isLoss(secured)) return this.#fail('starttls', secured)
    const { version, cipher } = secured.facts()
    const problem = secured.problem()
    const trust = problem === null ? 'verified' : `not verified: ${problem}`
    const resumed = secured.socket.isSessionReused() ? ', resumed' : ''
    this.#conversation.note(`${version} with ${cipher}${resumed}, ${trust}`)
    if (problem === null || tls !== 'verify') return null
    const text = `TLS must be verified and the server's certificate is not good: ${problem}`
    return this.#fail('starttls', { kind: 'lost', cause: 'untrusted', text })
  }

  async #ask(command: string | null, what: string, timeoutMs: number): Promise<Reply | Loss> {
    if (command !== null) this.#conversation.client(command)
    const answer = await this.#connection.ask(command, what, timeoutMs)
    if (isLoss(answer)) this.#conversation.note(answer.text)
    else this.#conversation.server(keptReply(answer, this.#connection.dial.limits.replyTextKept))
    return answer
  }

  #fail(stage: DialStage, answer: Reply | Loss): DialFailure {
    const { limits } = this.#connection.dial
    const verdict = verdictOf(stage, answer)
    if (this.#connection.loss === null) this.#connection.quit(() => {})
    return {
      kind: 'failed',
      stage,
      reply: keptReply(verdict.reply, limits.replyTextKept),
      said: verdict.said,
      tlsBroken: this.#isTlsBroken(stage, answer),
      tlsResumed: this.#connection.resumedTls,
      mx: this.#connection.name,
      conversation: this.#conversation.lines(limits.conversationLines),
    }
  }

  /**
   * A 421 or an abort says nothing about TLS. With TLS 1.3 a server's refusal of the handshake comes after
   * we take it for done, as the end of the connection at EHLO.
   */
  #isTlsBroken(stage: DialStage, answer: Reply | Loss): boolean {
    if (!isLoss(answer)) return stage === 'starttls' && answer.code !== 421
    if (stage === 'starttls') return !sayNothingAboutTls.includes(answer.cause)
    return this.#connection.tls !== null && answer.cause === 'closed'
  }
}

function verdictOf(
  stage: DialStage,
  answer: Reply | Loss,
): { readonly reply: Reply; readonly said: 'peer' | 'us' } {
  if (isLoss(answer))
    return {
      reply: replyOfLoss(answer, answer.cause === 'closed' ? ` (at ${stage})` : ''),
      said: 'us',
    }
  if (isTransient(answer) || isPermanent(answer)) return { reply: answer, said: 'peer' }
  const text = `the server answered with ${answer.code} (at ${stage})`
  return { reply: reply(421, '4.5.0', text), said: 'us' }
}

function isFailure(found: Extensions | DialFailure): found is DialFailure {
  return 'kind' in found
}
