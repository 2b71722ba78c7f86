// SPDX-License-Identifier: Apache-2.0
/** One transaction of the sink, from MAIL to the reply after the content. */
import { sinkLimits } from '../../base/limits/limits.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import { headerField } from './command-line.ts'
import { HeldContent } from './held-content.ts'
import type { Trick, Verdict } from './provider.ts'
import type { SinkContext } from './sink-context.ts'

export interface TransactionFacts {
  readonly client: string
  readonly tls: string | null
  readonly reversePath: string
  /** SMTPUTF8 was said at MAIL. */
  readonly isInternational: boolean
}

export class SinkTransaction {
  readonly #context: SinkContext
  readonly #facts: TransactionFacts
  readonly #recipients: string[] = []
  readonly #tricks = new Set<Trick>()
  readonly content: HeldContent
  /** A BDAT has come: no more RCPT and no DATA (RFC 3030 §2). */
  isReceiving = false
  hasBareLineEnd = false

  constructor(context: SinkContext, facts: TransactionFacts) {
    this.#context = context
    this.#facts = facts
    this.content = new HeldContent(context.budget, {
      messageOctets: sinkLimits.messageOctets,
      wantedOctets: context.wantedOctets,
    })
  }

  /** Those that were accepted. */
  get recipients(): readonly string[] {
    return this.#recipients
  }

  has(trick: Trick): boolean {
    return this.#tricks.has(trick)
  }

  /** Its end is that the connection is dropped. */
  get isDropped(): boolean {
    return this.has('drop-in-data') || this.has('drop-after-dot')
  }

  /** What is wrong with a forward-path, whoever it is for. */
  objection(recipient: string): Reply | null {
    if (this.#recipients.length >= sinkLimits.recipientsPerMessage)
      return reply(452, '4.5.3', 'Too many recipients')
    if (recipient.lastIndexOf('@') < 1) return reply(553, '5.1.3', 'A mailbox needs a domain')
    if (!this.#facts.isInternational && !/^[\x20-\x7e]*$/.test(recipient))
      return reply(553, '5.6.7', 'A mailbox that is not ASCII needs SMTPUTF8')
    return null
  }

  judge(recipient: string): Verdict {
    const { judge, tally, clock, onRefusal } = this.#context
    const { client, reversePath, tls } = this.#facts
    const verdict = judge({ client, reversePath, recipient, isTls: tls !== null })
    switch (verdict.kind) {
      case 'accept':
        this.#recipients.push(recipient)
        if (verdict.trick) this.#tricks.add(verdict.trick)
        break
      case 'refuse':
      case 'dismiss':
        tally.count(verdict.outcome)
        onRefusal({ at: clock.now(), reversePath, recipient, reply: verdict.reply, client })
        break
      default:
        tally.count('misanswered')
    }
    return verdict
  }

  /** The content is all here: counts the message and gives the reply. */
  async finish(): Promise<Reply> {
    const refusal = this.#refusal()
    if (refusal) {
      this.#context.tally.count('refused')
      return refusal
    }
    const content = this.content.whole()
    const message = {
      at: this.#context.clock.now(),
      reversePath: this.#facts.reversePath,
      recipients: this.#recipients,
      size: this.content.size,
      content,
      messageId: headerField(content, 'Message-ID'),
      tls: this.#facts.tls,
      client: this.#facts.client,
    }
    this.#context.tally.accept(message)
    await this.#context.onMessage(message)
    return reply(250, '2.0.0', `OK, message ${this.#context.tally.messages}`)
  }

  release(): void {
    this.content.release()
  }

  #refusal(): Reply | null {
    if (this.hasBareLineEnd) return reply(550, '5.6.0', 'Bare CR or LF in the content')
    switch (this.content.state) {
      case 'too-large':
        return reply(552, '5.3.4', 'Message too large')
      case 'no-memory':
        return reply(452, '4.3.1', 'No room for the content now')
      case 'good':
        return null
    }
  }
}
