// SPDX-License-Identifier: Apache-2.0
/** What came of a message at a relay under test. */
import type {
  BouncedEvent,
  DeferredEvent,
  DelayedEvent,
  DeliveredEvent,
  Event,
  ExpiredEvent,
  OutcomeEvent,
  ReceivedEvent,
  SuppressedEvent,
} from '../../src/events/event.ts'
import type { RunningRelay } from './running-relay.ts'

interface Outcomes {
  readonly delivered: DeliveredEvent
  readonly deferred: DeferredEvent
  readonly bounced: BouncedEvent
  readonly expired: ExpiredEvent
  readonly suppressed: SuppressedEvent
  readonly delayed: DelayedEvent
}

export type OutcomeName = keyof Outcomes

/** The first such outcome of a message, of whichever recipient or of one. */
export function outcomeOf<Name extends OutcomeName>(
  relay: RunningRelay,
  messageId: string,
  name: Name,
  recipient?: string,
): Promise<Outcomes[Name]> {
  return relay.waitForEvent(
    (event): event is Outcomes[Name] =>
      event.type === `message.${name}` &&
      'recipient' in event &&
      'messageId' in event &&
      event.messageId === messageId &&
      (recipient === undefined || event.recipient === recipient),
  )
}

/** The failure report to `submitter`, when it has been accepted. */
export function reportTo(relay: RunningRelay, submitter: string): Promise<ReceivedEvent> {
  return relay.waitForEvent(
    (event): event is ReceivedEvent =>
      event.type === 'message.received' &&
      event.reversePath === '' &&
      event.recipients[0] === submitter,
  )
}

export function isOutcome(event: Event): event is OutcomeEvent {
  return (
    event.type === 'message.delivered' ||
    event.type === 'message.deferred' ||
    event.type === 'message.bounced' ||
    event.type === 'message.expired' ||
    event.type === 'message.suppressed' ||
    event.type === 'message.delayed' ||
    event.type === 'message.released' ||
    event.type === 'message.cancelled'
  )
}
