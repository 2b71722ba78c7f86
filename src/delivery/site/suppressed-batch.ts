// SPDX-License-Identifier: Apache-2.0
/** The last look at suppressions, before a transaction begins: somebody may have been added since the message came. */
import { messageOf } from '../../base/errors.ts'
import { reply } from '../../protocol/reply.ts'
import type { Batch } from '../../queue/ready-queue.ts'
import { type Findings, suppressedAmong } from '../../records/suppressions/suppressed-among.ts'
import { suppressedEvent } from '../../spool/recipient-event.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import type { Outcome } from '../outcome/outcome.ts'

export type Sieved =
  | { readonly kind: 'wanted'; readonly batch: Batch }
  | { readonly kind: 'nobody' }
  /** The store cannot be asked: all of them wait. */
  | { readonly kind: 'unknown'; readonly outcome: Outcome }
  /** Outcomes cannot be recorded, and nothing more may be sent. */
  | { readonly kind: 'unrecorded' }

/** `null`: nobody is suppressed, as nearly always, and that is said at once. */
export function sieve(context: DeliveryContext, batch: Batch): Promise<Sieved> | null {
  const { message } = batch[0].waiting
  const { envelope, list, stream, tenant } = message
  const recipients = batch.flatMap(
    ({ waiting }) => envelope.recipients[waiting.index]?.forwardPath ?? [],
  )
  const found = suppressedAmong(
    context.suppressions,
    { tenant, stream, list: list ?? null },
    recipients,
  )
  return found && settle(context, batch, found)
}

async function settle(
  context: DeliveryContext,
  batch: Batch,
  asked: Promise<Findings>,
): Promise<Sieved> {
  let findings: Findings
  try {
    findings = await asked
  } catch (thrown) {
    // Nobody is written to who may have unsubscribed.
    context.log.warn({ error: messageOf(thrown) }, 'mail waits: suppressions cannot be looked up')
    return { kind: 'unknown', outcome: NOT_NOW }
  }
  const now = context.clock.now()
  const events = batch.flatMap(({ queue, waiting }, at) => {
    const suppression = findings[at] ?? null
    return suppression ? [suppressedEvent(waiting, queue, suppression, context.node, now)] : []
  })
  if (events.length > 0 && !(await context.recorder.record(events))) return { kind: 'unrecorded' }
  const [first, ...others] = batch.filter((_, at) => (findings[at] ?? null) === null)
  return first === undefined ? { kind: 'nobody' } : { kind: 'wanted', batch: [first, ...others] }
}

const NOT_NOW: Outcome = {
  kind: 'deferred',
  blame: 'message',
  reply: reply(451, '4.3.0', 'Suppressions cannot be looked up now'),
  said: 'us',
}
