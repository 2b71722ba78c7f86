// SPDX-License-Identifier: Apache-2.0
/** What tells endpoints of events, and what tells one of them. */
import type { Log } from '../../base/log.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import type { AnnouncedEvent } from '../desk/mail-desk.ts'
import type { EndpointCaller } from './endpoint-caller.ts'
import type { WebhookLedger } from './webhook-ledger.ts'

export interface SenderParts {
  readonly feed: EventFeed
  readonly records: RecordsContext
  readonly caller: EndpointCaller
  readonly log: Log
}

export type WebhookEvent = Extract<AnnouncedEvent, `webhook${string}`>

export interface WebhookParts extends SenderParts {
  /** Throws where it cannot be opened now. */
  readonly openLedger: () => WebhookLedger
  /** For whoever looks after endpoints, as an event. */
  readonly announce: (what: WebhookEvent, text: string, tenant: string | null) => void
}
