// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that suppresses whom receivers say not to exist: each bounce that is final and the recipient's own makes an
 * entry, as the policy of its stream has it. It reads the journals by a cursor that the store keeps, so that what happened
 * while nobody read is not missed. What it does twice does nothing.
 */
import { seconds } from '../base/brand.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { formatCursor, parseCursor } from '../events/cursor.ts'
import type { BouncedEvent, Event } from '../events/event.ts'
import { classify } from '../protocol/classify/classify.ts'
import { providerOfHost } from '../protocol/classify/provider.ts'
import { parseMailbox } from '../protocol/mailbox.ts'
import type { SuppressionService } from '../records/automatic-suppression.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { EventFeed } from '../spool/event-feed.ts'

const VIEW = 'suppressions'
/** How far it has read is written at most so often, unless it made an entry. */
const WRITE_EVERY = seconds(30)
/** A store that cannot be written now is asked again. */
const TRY_AGAIN = seconds(5)

export interface AutomaticParts {
  readonly feed: EventFeed
  readonly records: RecordsContext
  readonly suppressions: SuppressionService
  readonly log: Log
}

export async function followBounces(parts: AutomaticParts, signal: AbortSignal): Promise<void> {
  const { log, records } = parts
  while (!signal.aborted) {
    try {
      await readOn(parts, signal)
    } catch (thrown) {
      // The store is away: it goes on where it was.
      log.warn({ error: messageOf(thrown) }, 'bounces cannot be made suppressions now')
      await records.clock.sleep(TRY_AGAIN, signal)
    }
  }
}

async function readOn(parts: AutomaticParts, signal: AbortSignal): Promise<void> {
  const { feed, records, suppressions } = parts
  const { clock, store } = records
  const cursor = await store.views.cursor(VIEW)
  const start = cursor === null ? 'oldest' : parseCursor(cursor)
  let writtenAt = clock.monotonic()
  for await (const batch of feed.read(start, signal, VIEW)) {
    let isChanged = false
    for (const { event } of batch.events)
      if (saysNobodyIsThere(event)) isChanged = (await suppress(suppressions, event)) || isChanged
    if (!isChanged && clock.monotonic() - writtenAt < WRITE_EVERY) continue
    await store.views.put(VIEW, formatCursor(batch.cursor))
    writtenAt = clock.monotonic()
  }
}

/** For any mail, and for good. What a policy, a full mailbox or we are to blame for says nothing about the address. */
export function saysNobodyIsThere(event: Event): event is BouncedEvent {
  if (event.type !== 'message.bounced' || event.by !== 'peer') return false
  const { action, fault, isPermanent } = classify({
    ...event.reply,
    provider: event.mx === null ? null : providerOfHost(hostOf(event.mx)),
    stage: null,
  })
  return action === 'suppress' && fault === 'recipient' && isPermanent
}

async function suppress(suppressions: SuppressionService, event: BouncedEvent): Promise<boolean> {
  const recipient = parseMailbox(event.recipient)
  if (recipient === null) return false
  const { id, stream, tenant } = event
  return suppressions.suppress({
    ...{ tenant, stream, recipient },
    reason: 'bounce',
    sourceEvent: id,
    list: null,
  })
}

/** `mx1.example.net[192.0.2.1]:25`. */
function hostOf(mx: string): string {
  return mx.replace(/\[.*$/, '')
}
