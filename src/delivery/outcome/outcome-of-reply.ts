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
 * was not judged. Content that proves damaged while it is sent is held for whoever the receiver had not refused. So is what says that our source is not wanted, a block list with our address in it. A 5yz that is temporary
 * in truth (a full mailbox, a source on a block list) counts as a 4yz, until the message
 * expires; a 4yz never counts as a 5yz, since a wrong bounce costs more than a retry.
 */
import { unreachable } from '../../base/invariant.ts'
import type { Classification } from '../../protocol/classify/classifier.ts'
import type { Stage } from '../../protocol/classify/rule.ts'
import { isPermanent, isPositive, type Reply } from '../../protocol/reply.ts'
import type { Decision } from '../../protocol/smtp/client-transaction.ts'
import type { TransactionResult } from '../../smtp/client-exchange.ts'
import type { ConnectFailure } from '../routing/connect-hosts.ts'
import { diagnose } from './diagnose.ts'
import type { Blame, Failure, Outcome } from './outcome.ts'

type Words = Omit<Failure, 'blame'>

/**
 * Nobody greeted us. A 5yz at the greeting or EHLO is about this host and our address, not about the mail: as Postfix does with
 * `smtp_skip_5xx_greeting`, it is tried again, from another source or later, until the message expires.
 * Only where no host has an address that we could reach is there nothing to wait for.
 */
export function dialOutcome({ stage, reply, said, facts }: ConnectFailure): Outcome {
  const meant = diagnose(reply, dialStages[stage], facts?.mx ?? null)
  const words = { reply, said, meant }
  return stage === 'resolve' && isPermanent(reply)
    ? bounced(words, 'recipient')
    : deferred(words, 'path')
}

/** One for each recipient of the transaction, in its order. */
export function transactionOutcomes(result: TransactionResult): Outcome[] {
  const lostBlame = blameForLoss(result)
  const isDamaged = result.lost?.cause === 'damaged'
  return result.recipients.map((decision) => {
    const { reply, said, stage } = decision
    if (isPositive(reply)) return { kind: 'delivered', reply }
    // Refused here for want of an extension: the receiver's other hosts will hardly offer more, and nothing is converted.
    if (stage === 'local') return bounced({ reply, said }, 'message')
    if (said === 'us' && isDamaged) return { kind: 'damaged', reply }
    if (said === 'us' && lostBlame !== 'path') return deferred({ reply, said }, lostBlame)
    const words = { reply, said, meant: diagnose(reply, stages[stage], result.facts.mx) }
    return said === 'us' ? deferred(words, lostBlame) : refusalOutcome(words, stage)
  })
}

/**
 * Neither what fails on our side nor a kept connection that had been closed says anything about the path, so
 * it need not rest.
 */
function blameForLoss({ lost }: TransactionResult): Blame {
  const isOurs = lost !== null && (lost.cause === 'local' || lost.cause === 'aborted')
  return isOurs || lost?.wasStale ? 'message' : 'path'
}

function refusalOutcome(
  words: Words & { readonly meant: Classification },
  stage: Exclude<Decision['stage'], 'local'>,
): Outcome {
  const { reply, meant } = words
  if (reply.code === 421) return deferred(words, 'path')
  const isFinal = isPermanent(reply) && !canWait(meant, stage)
  if (!isFinal && blocksSource(meant)) return deferred(words, 'path')
  switch (stage) {
    case 'rset':
      return deferred(words, 'path')
    case 'mail':
      if (isFinal) return bounced(words, 'message')
      // A domain of bad repute is one tenant's, and the path is everybody's.
      return deferred(words, meant.class === 'bad-reputation' ? 'message' : 'path')
    case 'rcpt':
      return isFinal && !isTooManyRecipients(reply)
        ? bounced(words, 'recipient')
        : deferred(words, 'recipient')
    case 'data':
    case 'content':
      return isFinal ? bounced(words, 'message') : deferred(words, 'message')
    default:
      return unreachable(stage)
  }
}

/** Whatever it was said of, it is the source that is not wanted: another one may fare better. */
export function blocksSource({ action, fault }: Classification): boolean {
  return fault === 'path' && (action === 'stop-source' || action === 'retry-elsewhere')
}

/**
 * Whether a 5yz is tried again: where its meaning is temporary. What a receiver found wanting once it had read it is not sent again,
 * since that would cost us more of the repute that we lack.
 */
function canWait(meant: Classification, stage: Decision['stage']): boolean {
  return !meant.isPermanent && !(stage === 'content' && meant.class === 'bad-reputation')
}

const stages = {
  rset: null,
  mail: 'mail',
  rcpt: 'rcpt',
  data: 'content',
  content: 'content',
} as const satisfies Record<Exclude<Decision['stage'], 'local'>, Stage | null>

const dialStages = {
  resolve: null,
  family: null,
  hop: null,
  connect: 'connect',
  greeting: 'connect',
  ehlo: 'ehlo',
  starttls: 'ehlo',
} as const satisfies Record<ConnectFailure['stage'], Stage | null>

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

function deferred(words: Words, blame: Blame): Outcome {
  return { kind: 'deferred', ...words, blame }
}

function bounced(words: Words, blame: Blame): Outcome {
  return { kind: 'bounced', ...words, blame }
}
