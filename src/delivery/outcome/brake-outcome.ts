// SPDX-License-Identifier: Apache-2.0
/**
 * What brakes make of outcomes: a bounce whose cause is held waits instead, and is tried again by its schedule. Every end is
 * counted here and nowhere else. What a receiver refused once it had read it is no sign of trouble, and is not sent again.
 */

import { type FailureClass, factsOf } from '../../protocol/classify/failure-class.ts'
import { domainOf } from '../../protocol/mailbox.ts'
import { formatReply, reply } from '../../protocol/reply.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import type { CredentialId, Slug } from '../../records/records.ts'
import { isSandboxed } from '../../spool/sandbox.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { Outcome } from './outcome.ts'

const judgedByContent: ReadonlySet<FailureClass> = new Set([
  'spam',
  'listed-content',
  'dangerous-content',
  'malformed-message',
  'message-too-large',
])

/** `site`: or the domain, where it has none. */
export function braked(
  { brakes, credentials }: Pick<DeliveryContext, 'brakes' | 'credentials'>,
  { queue, waiting: { index, message } }: ReadyRecipient,
  outcome: Outcome,
  site: string,
): Outcome {
  if (
    outcome.kind === 'deferred' ||
    outcome.kind === 'damaged' ||
    message.sandbox ||
    isSandboxed(queue)
  )
    return outcome
  const recipient = message.envelope.recipients[index]?.forwardPath
  if (recipient === undefined) return outcome
  if (message.credential !== undefined)
    credentials.ended(message.tenant as Slug, message.credential as CredentialId, isGone(outcome))
  const place = { site, recipient, domain: domainOf(recipient) }
  if (outcome.kind === 'delivered') {
    brakes.delivered(place)
    return outcome
  }
  const { meant } = outcome
  if (meant === undefined || judgedByContent.has(meant.class)) return outcome
  const held = brakes.ended(meant.class, place)
  if (held === null) return outcome
  const text = `Held by the brake on ${held}, since too much mail ends so; refused with: ${formatReply(outcome.reply)}`
  return { kind: 'deferred', blame: 'message', reply: reply(451, '4.3.0', text), said: 'us', meant }
}

/** Nobody is there, or takes mail: what lists that were bought or guessed are full of. */
function isGone(outcome: Outcome): boolean {
  return (
    outcome.kind === 'bounced' &&
    outcome.meant !== undefined &&
    factsOf(outcome.meant.class).whenFinal === 'suppress'
  )
}
