// SPDX-License-Identifier: Apache-2.0
/** Recipients whose domain has no way to it: bounced where that is permanent, else tried again by their stream's schedule. */
import type { Domain } from '../protocol/mailbox.ts'
import { isExpired, type ReadyRecipient } from '../queue/ready-queue.ts'
import { attemptEvent } from './attempt-event.ts'
import { scheduledRetry, untilReported } from './attempt-settlement.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { diagnose } from './diagnose.ts'
import { noticeOfAttempt } from './notice.ts'
import type { Outcome } from './outcome.ts'
import type { RouteResult } from './routing.ts'

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
  const outcome = await outcomeOf(context, tried, route)
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
  const retries = tried.map((recipient) => scheduledRetry(context, recipient, now))
  const events = tried.map((recipient, at) =>
    attemptEvent(recipient, outcome, attempt, retries[at] ?? now),
  )
  if (!(await context.recorder.record(events)) || outcome.kind === 'bounced') return
  for (const [at, recipient] of tried.entries())
    context.onWaiting(recipient.queue, retries[at] ?? now)
}

/** A bounce once its report is on its way. */
async function outcomeOf(
  context: DeliveryContext,
  recipients: readonly ReadyRecipient[],
  { kind, reply }: Exclude<RouteResult, { kind: 'site' }>,
): Promise<Outcome> {
  const words = { reply, said: 'us', meant: diagnose(reply, null, null) } as const
  if (kind === 'transient') return { kind: 'deferred', ...words, blame: 'path' }
  const bounced = { kind: 'bounced', ...words, blame: 'recipient' } as const
  const now = context.clock.now()
  const notices = recipients
    .map((recipient) => noticeOfAttempt(recipient, bounced, null, now))
    .filter((notice) => notice !== null)
  return (await context.recorder.report(notices)) ? bounced : untilReported(reply)
}
