// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that suppresses whom receivers say not to exist, and who complains or unsubscribes: each such event makes an
 * entry, as the policy of its stream has it. It reads the journals by a cursor that the store keeps, so that what happened
 * while nobody read is not missed. What it does twice does nothing.
 */

import { type Instant, seconds } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { formatCursor, parseCursor } from '../../events/cursor.ts'
import type { Event, ReportEvent } from '../../events/event.ts'
import { isComplaint, isProvenComplaint } from '../../events/feedback-type.ts'
import { classify } from '../../protocol/classify/classify.ts'
import { providerOfHost } from '../../protocol/classify/provider.ts'
import { parseMailbox } from '../../protocol/mailbox.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type {
  Happening,
  SuppressionService,
} from '../../records/suppressions/automatic-suppression.ts'
import type { EventBatch, EventFeed } from '../../spool/event-feed.ts'
import { type EndedMail, outlasts } from './bounce-patience.ts'
import { FULL_FOR, type FullMailboxParts, foundFull, isFullTooOften } from './full-mailbox.ts'

/** Who complains or unsubscribes has said so, and is suppressed at once. */
const VIEW = 'suppressions'
/** What a receiver says of an address may be its trouble or ours, so that bounces wait a little. */
const BOUNCES_VIEW = 'suppressions-of-bounces'
/** How far it has read is written at most so often, unless it made an entry. */
const WRITE_EVERY = seconds(30)
/** A store that cannot be written now is asked again. */
const TRY_AGAIN = seconds(5)

export interface AutomaticParts extends FullMailboxParts {
  readonly feed: EventFeed
  readonly records: RecordsContext
  readonly suppressions: SuppressionService
  /** Tells whoever checks recipients that there are new ones; they look each second without being told. */
  readonly tell: () => Promise<void>
  readonly log: Log
}

/** Until `signal` aborts; after a failure it goes on where it was. */
export async function followReasons(parts: AutomaticParts, signal: AbortSignal): Promise<void> {
  const { log, records } = parts
  const follow = (read: () => Promise<void>) =>
    persevere(read, signal, {
      clock: records.clock,
      pause: TRY_AGAIN,
      failed: (thrown) =>
        log.warn(
          { error: messageOf(thrown) },
          'bounces and complaints cannot be made suppressions now',
        ),
    })
  const { views } = records.store
  await Promise.all([
    follow(async () => readOn(parts, VIEW, await views.cursor(VIEW), signal)),
    follow(async () => {
      // Before bounces had a view of their own the other one read them.
      const cursor = (await views.cursor(BOUNCES_VIEW)) ?? (await views.cursor(VIEW))
      await readOn(parts, BOUNCES_VIEW, cursor, signal)
    }),
  ])
}

async function readOn(
  parts: AutomaticParts,
  view: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<void> {
  const { feed, records, suppressions } = parts
  const { clock, store } = records
  const start = cursor === null ? 'oldest' : parseCursor(cursor)
  let writtenAt = clock.monotonic()
  for await (const batch of feed.read(start, signal, view)) {
    let isChanged = false
    for (const { event } of batch.events) {
      const reason = reasonIn(event)
      if (reason === null || (reason === 'bounce') !== (view === BOUNCES_VIEW)) continue
      if (reason === 'bounce' && !(await isBelieved(parts, event, signal))) continue
      if (signal.aborted) return
      isChanged = (await suppress(suppressions, event, reason)) || isChanged
    }
    if (view === BOUNCES_VIEW) isChanged = (await suppressFull(parts, batch, signal)) || isChanged
    if (isChanged) await parts.tell()
    else if (clock.monotonic() - writtenAt < WRITE_EVERY) continue
    await store.views.put(view, formatCursor(batch.cursor))
    writtenAt = clock.monotonic()
  }
}

/** Of those whose mailboxes were full too often. */
async function suppressFull(
  parts: AutomaticParts,
  { events }: EventBatch,
  signal: AbortSignal,
): Promise<boolean> {
  let isChanged = false
  for (const { event } of events) {
    if (!foundFull(event) || !(await isFullTooOften(parts, event, signal))) continue
    const more = { lasts: FULL_FOR }
    isChanged = (await suppress(parts.suppressions, event, 'bounce', more)) || isChanged
  }
  return isChanged
}

/** Once it has waited, and no brake holds its cause; `false`: a person has said that such bounces were not true. */
async function isBelieved(
  parts: AutomaticParts,
  event: Event,
  signal: AbortSignal,
): Promise<boolean> {
  return event.type === 'message.bounced' && (await outlasts(parts, endOf(event), signal))
}

function endOf(event: BounceOfAnyKind): EndedMail {
  const domain = event.recipient.slice(event.recipient.lastIndexOf('@') + 1)
  return {
    at: Date.parse(event.at) as Instant,
    cause: event.meaning?.class ?? null,
    site: event.by === 'report' ? domain : event.site,
  }
}

/** Why nothing more shall go to the recipient that an event is about; `null`: the event says nothing of that kind. */
export function reasonIn(event: Event): Happening['reason'] | null {
  // A simulated receiver says nothing of anybody.
  if ('sandbox' in event && event.sandbox) return null
  switch (event.type) {
    case 'message.bounced':
      return saysNobodyIsThere(event) ? 'bounce' : null
    case 'message.complained':
      return isProvenComplaint(event) ? 'complaint' : null
    case 'message.unsubscribed':
      return event.certainty === 'proven' ? 'unsubscribe' : null
    case 'report.received':
      return reasonOfGone(event)
    default:
      return null
  }
}

/** Of a message that is long gone: a token proves whom it was sent to, if not by which stream. A bounce says too little without its words. */
function reasonOfGone(event: ReportEvent): Happening['reason'] | null {
  const { addressHash, fate, feedbackType, kind, tenant } = event
  if (fate !== 'gone' || addressHash === null || tenant === null) return null
  if (kind === 'unsubscribe') return 'unsubscribe'
  return kind === 'complaint' && isComplaint(feedbackType) ? 'complaint' : null
}

/** For any mail, and for good. What a policy, a full mailbox or we are to blame for says nothing about the address. */
function saysNobodyIsThere(event: BounceOfAnyKind): boolean {
  const refusal = refusalIn(event)
  if (refusal === null) return false
  const { action, fault, isPermanent } = classify({ ...refusal, stage: null })
  return action === 'suppress' && fault === 'recipient' && isPermanent
}

type BounceOfAnyKind = Extract<Event, { readonly type: 'message.bounced' }>

/** In the words of a receiver: at once, or in a report that nobody can have made up. */
function refusalIn(event: BounceOfAnyKind) {
  if (event.by === 'report')
    return event.certainty === 'proven' ? { ...event.diagnosis, provider: null } : null
  if (event.by !== 'peer') return null
  return { ...event.reply, provider: event.mx === null ? null : providerOfHost(hostOf(event.mx)) }
}

async function suppress(
  suppressions: SuppressionService,
  event: Event,
  reason: Happening['reason'],
  more: Pick<Happening, 'lasts'> = {},
): Promise<boolean> {
  const recipient = whomIn(event)
  if (recipient === null || !('stream' in event) || event.tenant === null) return false
  const { id, stream, tenant } = event
  const happening = { tenant, stream, recipient, reason, sourceEvent: id, list: null, ...more }
  return suppressions.suppress(happening)
}

function whomIn(event: Event): Happening['recipient'] | null {
  if ('recipientIndex' in event) return parseMailbox(event.recipient)
  if (event.type !== 'report.received' || event.addressHash === null) return null
  return Buffer.from(event.addressHash, 'hex')
}

/** `mx1.example.net[192.0.2.1]:25`. */
function hostOf(mx: string): string {
  return mx.replace(/\[.*$/, '')
}
