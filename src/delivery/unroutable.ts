// SPDX-License-Identifier: Apache-2.0
/** Recipients whose domain has no way to it: bounced where that is permanent, else tried again by their stream's schedule. */
import type { Domain } from '../protocol/mailbox.ts'
import { isExpired, type ReadyRecipient } from '../queue/ready-queue.ts'
import { attemptEvent } from './attempt-event.ts'
import { scheduledRetry } from './attempt-settlement.ts'
import type { DeliveryContext } from './delivery-context.ts'
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
  const outcome: Outcome =
    route.kind === 'permanent'
      ? { kind: 'bounced', reply: route.reply, blame: 'recipient' }
      : { kind: 'deferred', reply: route.reply, blame: 'path' }
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
  const failures =
    outcome.kind === 'bounced'
      ? tried.map((recipient) => ({
          recipient,
          reply: outcome.reply,
          mx: null,
          because: 'bounced' as const,
        }))
      : []
  if (!(await context.recorder.record(events, failures)) || outcome.kind === 'bounced') return
  for (const [at, recipient] of tried.entries())
    context.onWaiting(recipient.queue, retries[at] ?? now)
}
