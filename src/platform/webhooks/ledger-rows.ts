// SPDX-License-Identifier: Apache-2.0
/** Rows of the ledger of webhooks. */
import { instant, ms } from '../../base/brand.ts'
import type { DeliveryEvent, SavedDelivery } from '../../control/webhooks/delivery.ts'
import type { DeadLetter, LoggedAttempt, Numbered } from '../../control/webhooks/webhook-ledger.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { WebhookId } from '../../records/webhooks/webhook.ts'

export type Row = Readonly<Record<string, unknown>>

/** `[[journal, LSN, segment, offset, message], …]`. */
export function textOfEvents(events: readonly DeliveryEvent[]): string {
  return JSON.stringify(
    events.map(({ journal, lsn: number, segment, offset, message }) => [
      ...[journal, number, segment, offset],
      message,
    ]),
  )
}

function eventsIn(text: unknown): readonly DeliveryEvent[] {
  const events = JSON.parse(String(text)) as [number, number, number, number, string | null][]
  return events.map(([journal, number, segment, offset, message]) => ({
    ...{ journal: journalId(journal), lsn: lsn(number), segment, offset, message },
  }))
}

export function deliveryOf(row: Row): SavedDelivery {
  return {
    id: String(row['id']),
    events: eventsIn(row['events']),
    attempts: Number(row['attempts']),
    firstAt: row['first_at'] === null ? null : instant(Number(row['first_at'])),
    dueAt: instant(Number(row['due_at'] ?? 0)),
  }
}

export function deadLetterOf(row: Row): Numbered<DeadLetter> {
  return {
    number: Number(row['number']),
    webhook: String(row['webhook']) as WebhookId,
    delivery: deliveryOf(row),
    deadAt: instant(Number(row['dead_at'])),
    why: String(row['why']),
  }
}

export function attemptOf(row: Row): Numbered<LoggedAttempt> {
  return {
    number: Number(row['number']),
    webhook: String(row['webhook']) as WebhookId,
    at: instant(Number(row['at'])),
    delivery: String(row['delivery']),
    events: eventsIn(row['events']),
    attempt: Number(row['attempt']),
    url: String(row['url']),
    status: row['status'] === null ? null : Number(row['status']),
    answer: String(row['answer']),
    why: row['why'] === null ? null : String(row['why']),
    duration: ms(Number(row['duration'])),
  }
}
