// SPDX-License-Identifier: Apache-2.0
/** Outcomes: each is written as its event, and changes its recipient here at the same moment. */

import { instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import type { OutcomeEvent, Unwritten } from '../../events/event.ts'
import type { Checkpointer } from './checkpointer.ts'
import { attemptOf, damageOf, type Effect, effectOf } from './event-record.ts'
import type { EventWriter } from './event-writer.ts'
import type { KeepFailed } from './keep-failed.ts'
import type { ResidentRecipient } from './resident.ts'
import type { Residents } from './residents.ts'

export interface OutcomeParts {
  readonly residents: Residents
  readonly events: EventWriter
  readonly checkpointer: Checkpointer
  readonly keepFailed: KeepFailed
}

/**
 * Appends outcomes of owned recipients and resolves when they are written. Throws `RLY_MESSAGE_UNKNOWN` where one of
 * them is about somebody who is not owned; then none is written.
 */
export function recordOutcomes(
  parts: OutcomeParts,
  outcomes: readonly Unwritten<OutcomeEvent>[],
): Promise<void> {
  const recipients = outcomes.map((outcome) => ownedBy(parts.residents, outcome))
  outcomes.forEach((outcome, at) => {
    const recipient = recipients[at]
    if (recipient) recordOne(parts, outcome, recipient)
  })
  parts.checkpointer.changed()
  return parts.events.written()
}

function ownedBy(residents: Residents, outcome: Unwritten<OutcomeEvent>): ResidentRecipient {
  const recipient = residents.byId(outcome.messageId)?.recipients[outcome.recipientIndex]
  if (recipient?.kind === 'owned') return recipient
  throw new RelayError(
    'RLY_MESSAGE_UNKNOWN',
    `an outcome of ${outcome.messageId}, recipient ${outcome.recipientIndex}, whom nobody owns`,
  )
}

function recordOne(
  parts: OutcomeParts,
  outcome: Unwritten<OutcomeEvent>,
  recipient: ResidentRecipient,
): void {
  const effect = effectOf(outcome, recipient.message.lsn, recipient.attempts)
  const changedBy = parts.events.append('outcome', outcome, effect)
  if (outcome.type === 'message.delayed') parts.residents.told(recipient, changedBy)
  else if (outcome.type === 'message.deferred')
    parts.residents.defer(recipient, {
      attempts: effect.attempts,
      dueAt: instant(effect.dueAt),
      lastAttempt: attemptOf(outcome),
      changedBy,
    })
  else if (outcome.type === 'message.damaged')
    parts.residents.hold(recipient, {
      dueAt: instant(effect.dueAt),
      lastAttempt: damageOf(outcome),
      changedBy,
    })
  else if (outcome.type === 'message.released')
    parts.residents.release(recipient, instant(effect.dueAt), changedBy)
  else finish(parts, outcome, effect, recipient, changedBy)
}

function finish(
  parts: OutcomeParts,
  outcome: Unwritten<OutcomeEvent>,
  effect: Effect,
  recipient: ResidentRecipient,
  changedBy: number,
): void {
  const { message } = recipient
  const keepUntil =
    effect.kind === 'delivered' ? 1 : Date.parse(outcome.at) + parts.keepFailed(outcome)
  if (effect.kind !== 'delivered') parts.checkpointer.failed(message, keepUntil)
  if (message.hasFile) parts.checkpointer.released(message, keepUntil)
  parts.residents.finish(recipient, changedBy)
}
