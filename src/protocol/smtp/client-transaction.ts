// SPDX-License-Identifier: Apache-2.0
/**
 * One mail transaction of a client, RFC 5321 §3.3, without I/O: which reply is awaited, and what follows from it.
 *
 *   rset ─▶ mail ─▶ rcpt ×n ─▶ data ─▶ content ─▶ done
 *                      └── BDAT: no 354 ──▶┘
 *
 * With PIPELINING (RFC 2920) the commands go out as one group, so every stage is walked whatever the replies were.
 * Without it, what has become pointless is not asked. A 421 and a lost connection end it anywhere.
 */
import { invariant } from '../../base/invariant.ts'
import type { Reply } from '../reply.ts'

/** Whose reply is awaited. `content`: that to the final dot or the last BDAT. */
export type TransactionStage = 'rset' | 'mail' | 'rcpt' | 'data' | 'content'

/** What to do after a reply. */
export type Step =
  /** Nothing: the next reply is awaited already. */
  | 'await'
  /** Send the command of the stage (and recipient) now awaited. */
  | 'command'
  /** Send the content, with its BDAT or with stuffed dots and a final dot. */
  | 'content'
  /** Send the final dot alone. */
  | 'dot'
  /** The reply is of a class that cannot be here: give up the connection, then `breakOff`. */
  | 'nonsense'
  | 'done'

export interface TransactionShape {
  readonly recipients: number
  /** RSET goes first: the transaction before this one may be open still. */
  readonly reset: boolean
  readonly pipelined: boolean
  readonly transfer: 'data' | 'bdat'
  /** The content goes out in the group: for BDAT with PIPELINING. */
  readonly contentInGroup: boolean
}

/** How a recipient's part was decided. */
export interface Decision {
  readonly reply: Reply
  readonly stage: TransactionStage | 'local'
  /** `us`: the reply is in our words, because the peer gave none or none was asked for. */
  readonly said: 'peer' | 'us'
}

type Verdict = 'accepted' | 'refused' | 'nonsense'

/** By stage and class of the reply, 2yz to 5yz. A 421 is read before. */
const verdicts = {
  rset: ['accepted', 'nonsense', 'refused', 'refused'],
  mail: ['accepted', 'nonsense', 'refused', 'refused'],
  rcpt: ['accepted', 'nonsense', 'refused', 'refused'],
  data: ['nonsense', 'accepted', 'refused', 'refused'],
  content: ['accepted', 'nonsense', 'refused', 'refused'],
} as const satisfies Record<TransactionStage, readonly [Verdict, Verdict, Verdict, Verdict]>

export class TransactionMachine {
  readonly #shape: TransactionShape
  readonly #decisions: (Decision | null)[]
  #stage: TransactionStage | 'done'
  #recipient = 0
  #open: number
  #isClean = false
  #isInStep = true

  constructor(shape: TransactionShape) {
    invariant(shape.recipients > 0, 'a transaction has a recipient')
    this.#shape = shape
    this.#decisions = new Array(shape.recipients).fill(null)
    this.#open = shape.recipients
    this.#stage = shape.reset ? 'rset' : 'mail'
  }

  get stage(): TransactionStage | 'done' {
    return this.#stage
  }

  /** Whose RCPT is awaited, while `stage` is `rcpt`. */
  get recipient(): number {
    return this.#recipient
  }

  /** Whether client and server agree on where they are: another transaction may follow. */
  get isInStep(): boolean {
    return this.#isInStep
  }

  /** Whether the next transaction must begin with RSET. */
  get needsReset(): boolean {
    return !this.#isClean
  }

  /** In the order of the recipients. Only when done. */
  decisions(): readonly Decision[] {
    invariant(this.#stage === 'done', 'decisions are read at the end')
    return this.#decisions.map((decision) => {
      invariant(decision, 'every recipient is decided at the end')
      return decision
    })
  }

  /** Takes the reply that was awaited. */
  take(answer: Reply): Step {
    const stage = this.#stage
    invariant(stage !== 'done', 'no reply is taken after the end')
    if (answer.code === 421) return this.#breakOff(answer, 'peer')
    const verdict = verdicts[stage][Math.floor(answer.code / 100) - 2]
    if (verdict === undefined || verdict === 'nonsense') return 'nonsense'
    const isAccepted = verdict === 'accepted'
    switch (stage) {
      case 'rset':
        return isAccepted ? this.#enter('mail', this.#following()) : this.#breakOff(answer, 'peer')
      case 'mail':
        return this.#afterMail(answer, isAccepted)
      case 'rcpt':
        return this.#afterRcpt(answer, isAccepted)
      case 'data':
        return this.#afterData(answer, isAccepted)
      case 'content':
        return this.#afterContent(answer, isAccepted)
    }
  }

  /** The connection is lost, or must be: whoever is open gets `answer`, in our words. */
  breakOff(answer: Reply): void {
    if (this.#stage !== 'done') this.#breakOff(answer, 'us')
  }

  #afterMail(answer: Reply, isAccepted: boolean): Step {
    if (!isAccepted) this.#decideAll(answer, 'peer')
    if (!isAccepted && !this.#shape.pipelined) return this.#enter('done', 'done')
    return this.#enter('rcpt', this.#following())
  }

  #afterRcpt(answer: Reply, isAccepted: boolean): Step {
    if (!isAccepted) this.#decide(this.#recipient, { reply: answer, stage: 'rcpt', said: 'peer' })
    this.#recipient++
    if (this.#recipient < this.#shape.recipients) return this.#enter('rcpt', this.#following())
    if (this.#shape.contentInGroup) return this.#enter('content', 'await')
    if (this.#shape.transfer === 'data' && this.#shape.pipelined)
      return this.#enter('data', 'await')
    if (this.#open === 0) return this.#enter('done', 'done')
    return this.#shape.transfer === 'data'
      ? this.#enter('data', 'command')
      : this.#enter('content', 'content')
  }

  /**
   * A 354 that was asked for in the group although nobody was accepted is answered by the final dot alone
   * (RFC 2920 §3.1): the server has nobody to deliver to, and the session stays in step. What it then says decides nothing.
   */
  #afterData(answer: Reply, isAccepted: boolean): Step {
    if (isAccepted) return this.#enter('content', this.#open > 0 ? 'content' : 'dot')
    this.#decideAll(answer, 'peer')
    return this.#enter('done', 'done')
  }

  #afterContent(answer: Reply, isAccepted: boolean): Step {
    this.#isClean = isAccepted
    this.#decideAll(answer, 'peer')
    return this.#enter('done', 'done')
  }

  #breakOff(answer: Reply, said: 'peer' | 'us'): Step {
    this.#isInStep = false
    this.#decideAll(answer, said)
    return this.#enter('done', 'done')
  }

  #following(): Step {
    return this.#shape.pipelined ? 'await' : 'command'
  }

  #decideAll(answer: Reply, said: 'peer' | 'us'): void {
    invariant(this.#stage !== 'done', 'nothing is decided after the end')
    const decision: Decision = { reply: answer, stage: this.#stage, said }
    for (let at = 0; this.#open > 0 && at < this.#decisions.length; at++) this.#decide(at, decision)
  }

  /** The first decision stands. */
  #decide(recipient: number, decision: Decision): void {
    if (this.#decisions[recipient] !== null) return
    this.#decisions[recipient] = decision
    this.#open--
  }

  /** The only place where the stage changes. */
  #enter(stage: TransactionStage | 'done', step: Step): Step {
    this.#stage = stage
    return step
  }
}

/** How people and time-out texts name what a stage waits for. */
export const stageNames = {
  rset: 'RSET',
  mail: 'MAIL',
  rcpt: 'RCPT',
  data: 'DATA',
  content: 'the end of the content',
} as const satisfies Record<TransactionStage, string>
