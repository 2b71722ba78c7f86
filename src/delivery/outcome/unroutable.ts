// SPDX-License-Identifier: Apache-2.0
/** Recipients whose domain has no way to it: bounced where that is permanent, else tried again by their stream's schedule. */
import type { Domain } from '../../protocol/mailbox.ts'
import { isExpired, type ReadyRecipient } from '../../queue/ready-queue.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { RouteResult } from '../routing/routing.ts'
import { attemptEvent } from './attempt-event.ts'
import { scheduledRetry, untilReported } from './attempt-settlement.ts'
import { braked } from './brake-outcome.ts'
import { diagnose } from './diagnose.ts'
import { noticeOfAttempt } from './notice.ts'
import type { Outcome } from './outcome.ts'

export async function settleUnroutable(
  context: DeliveryContext,
  recipients: readonly ReadyRecipient[],
  domain: Domain,
  route: Exclude<RouteResult, { kind: 'site' }>,
): Promise<void> {
  const now = context.clock.now()
  const expired = recipients.filter((recipient) => isExpired(recipient, now))
  if (expired.length > 0) await context.recorder.recordExpired(expired, now)
  const tried = recipients.filter((recipient) => !isExpired(recipient, now))
  if (tried.length === 0) return
  const settled = await settledOf(context, tried, domain, route)
  const monotonic = context.clock.monotonic()
  const attempt = {
    node: context.node,
    site: domain,
    source: '',
    facts: null,
    connectMs: 0,
    pulledAt: monotonic,
    endedAt: monotonic,
    now,
    by: 'routing',
  } as const
  const attempts = settled.map((each) => ({
    ...each,
    retryAt: scheduledRetry(context, each.recipient, now),
  }))
  const events = attempts.map(({ outcome, recipient, retryAt }) =>
    attemptEvent(recipient, outcome, attempt, retryAt),
  )
  if (!(await context.recorder.record(events))) return
  for (const { outcome, recipient, retryAt } of attempts)
    if (outcome.kind === 'deferred') context.onWaiting(recipient.queue, retryAt)
}

interface Settled {
  readonly recipient: ReadyRecipient
  readonly outcome: Outcome
}

/** A bounce once its report is on its way. */
async function settledOf(
  context: DeliveryContext,
  recipients: readonly ReadyRecipient[],
  domain: Domain,
  { kind, reply }: Exclude<RouteResult, { kind: 'site' }>,
): Promise<readonly Settled[]> {
  const words = { reply, said: 'us', meant: diagnose(reply, null, null) } as const
  if (kind === 'transient')
    return recipients.map((recipient) => ({
      recipient,
      outcome: { kind: 'deferred', ...words, blame: 'path' },
    }))
  const bounced = { kind: 'bounced', ...words, blame: 'recipient' } as const
  const now = context.clock.now()
  const settled = recipients.map((recipient) => ({
    recipient,
    outcome: braked(context, recipient, bounced, domain),
  }))
  const notices = settled
    .map(({ outcome, recipient }) => noticeOfAttempt(recipient, outcome, null, now))
    .filter((notice) => notice !== null)
  if (await context.recorder.report(notices)) return settled
  return settled.map(({ outcome, recipient }) => ({
    recipient,
    outcome: outcome.kind === 'bounced' ? untilReported(reply) : outcome,
  }))
}
