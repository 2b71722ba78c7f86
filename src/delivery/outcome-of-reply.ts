// SPDX-License-Identifier: Apache-2.0
/**
 * From what a receiver said, and when, to what it means for each recipient. Pure.
 *
 * | stage | 2yz | 4yz | 5yz |
 * | --- | --- | --- | --- |
 * | greeting, EHLO, STARTTLS, RSET | | deferred, path | deferred, path |
 * | MAIL | | deferred, path | bounced, message |
 * | RCPT | | deferred, recipient | bounced, recipient |
 * | DATA, end of content | delivered | deferred, message | bounced, message |
 *
 * A 421 is about the path at every stage, and so is a connection that is lost, silent or speaks nonsense: the message
 * was not judged.
 */
import { unreachable } from '../base/invariant.ts'
import { isPermanent, isPositive, type Reply } from '../protocol/reply.ts'
import type { Decision } from '../protocol/smtp/client-transaction.ts'
import type { TransactionResult } from '../smtp/client-exchange.ts'
import type { ConnectFailure } from './connect-hosts.ts'
import type { Blame, Failure, Outcome } from './outcome.ts'

type Words = Pick<Failure, 'reply' | 'said'>

/**
 * Nobody greeted us. A 5yz at the greeting or EHLO is about this host and our address, not about the mail: as Postfix does with
 * `smtp_skip_5xx_greeting`, it is tried again, from another source or later, until the message expires.
 * Only where no host has an address that we could reach is there nothing to wait for.
 */
export function dialOutcome(failure: ConnectFailure): Outcome {
  return failure.stage === 'resolve' && isPermanent(failure.reply)
    ? bounced(failure, 'recipient')
    : deferred(failure, 'path')
}

/** One for each recipient of the transaction, in its order. */
export function transactionOutcomes(result: TransactionResult): Outcome[] {
  const lostBlame = blameForLoss(result)
  return result.recipients.map((decision) =>
    decision.said === 'us' && decision.stage !== 'local'
      ? deferred(decision, lostBlame)
      : decisionOutcome(decision),
  )
}

/**
 * Neither what fails on our side nor a kept connection that had been closed says anything about the path, so
 * it need not rest.
 */
function blameForLoss({ lost }: TransactionResult): Blame {
  const isOurs = lost !== null && (lost.cause === 'local' || lost.cause === 'aborted')
  return isOurs || lost?.wasStale ? 'message' : 'path'
}

function decisionOutcome(decision: Decision): Outcome {
  const { reply, stage } = decision
  if (reply.code === 421) return deferred(decision, 'path')
  switch (stage) {
    // Refused here for want of an extension: the receiver's other hosts will hardly offer more, and nothing is converted.
    case 'local':
      return bounced(decision, 'message')
    case 'rset':
      return deferred(decision, 'path')
    case 'mail':
      return isPermanent(reply) ? bounced(decision, 'message') : deferred(decision, 'path')
    case 'rcpt':
      return isPermanent(reply) && !isTooManyRecipients(reply)
        ? bounced(decision, 'recipient')
        : deferred(decision, 'recipient')
    case 'data':
    case 'content':
      if (isPositive(reply)) return { kind: 'delivered', reply }
      return isPermanent(reply) ? bounced(decision, 'message') : deferred(decision, 'message')
    default:
      return unreachable(stage)
  }
}

/**
 * Positions of those whom the server would not take beside the others whom it took. Nothing was said about them: they go with
 * the next transaction, at once (RFC 5321 §4.5.3.1.10). Where it took nobody, it means something else, and they wait.
 */
export function leftOver({ recipients }: TransactionResult): readonly number[] {
  const isTaken = recipients.some(({ stage }) => stage === 'data' || stage === 'content')
  if (!isTaken) return []
  return recipients.flatMap(({ reply, stage }, at) =>
    stage === 'rcpt' && isTooManyRecipients(reply) ? [at] : [],
  )
}

/**
 * RFC 5321 §4.5.3.1.10: old servers say 552 where 452 is meant. Real ones also say `552 5.2.2 Mailbox full`, so it counts
 * only without an enhanced code, or with x.5.3, "too many recipients"; one of a class that is not the reply's is in its text.
 */
function isTooManyRecipients({ code, enhanced, text }: Reply): boolean {
  if (code !== 452 && code !== 552) return false
  const detail = enhanced ?? /^[245]\.\d{1,3}\.\d{1,3}\b/.exec(text)?.[0]
  return detail === undefined || detail.endsWith('.5.3')
}

function deferred({ reply, said }: Words, blame: Blame): Outcome {
  return { kind: 'deferred', reply, said, blame }
}

function bounced({ reply, said }: Words, blame: Blame): Outcome {
  return { kind: 'bounced', reply, said, blame }
}
