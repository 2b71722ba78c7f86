// SPDX-License-Identifier: Apache-2.0
/** The ledger of webhooks over its file. */
import type { DatabaseSync } from 'node:sqlite'
import { type Instant, instant } from '../../base/brand.ts'
import type { Log } from '../../base/log.ts'
import type { DeliveryEvent, SavedDelivery } from '../../control/webhooks/delivery.ts'
import type {
  EndpointPlace,
  EndpointPlaces,
  WebhookLedger,
} from '../../control/webhooks/webhook-ledger.ts'
import { formatCursor, parseCursor } from '../../events/cursor.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { WebhookId } from '../../records/webhooks/webhook.ts'
import { openLedger } from './webhook-file.ts'

type Row = Readonly<Record<string, unknown>>

export class SqliteWebhookLedger implements WebhookLedger {
  readonly #database: DatabaseSync
  readonly madeAt: Instant

  /** Throws where there can be no such file now. */
  static open(path: string, now: Instant, log: Log): SqliteWebhookLedger {
    const { database, madeAnew, madeAt } = openLedger(path, now)
    if (madeAnew !== null)
      log.error(
        { why: madeAnew },
        'what was kept of webhooks is lost: endpoints are told of what happens from now on',
      )
    return new SqliteWebhookLedger(database, madeAt)
  }

  private constructor(database: DatabaseSync, madeAt: Instant) {
    this.#database = database
    this.madeAt = madeAt
  }

  place(webhook: WebhookId): EndpointPlace | null {
    const row = this.#database.prepare('select * from place where webhook = ?').get(webhook)
    if (row === undefined) return null
    const line = this.#database
      .prepare('select * from line where webhook = ? order by number')
      .all(webhook)
    return {
      position: parseCursor(String(row['position'])),
      since: instant(Number(row['since'])),
      line: line.map(deliveryOf),
    }
  }

  save(places: readonly EndpointPlaces[]): void {
    this.#atOnce(() => {
      for (const { webhook, place } of places) this.#put(webhook, place)
    })
  }

  keepOnly(webhooks: readonly WebhookId[]): void {
    const kept = JSON.stringify(webhooks)
    this.#atOnce(() => {
      for (const table of ['place', 'line'])
        this.#database
          .prepare(`delete from ${table} where webhook not in (select value from json_each(?))`)
          .run(kept)
    })
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #put(webhook: WebhookId, { line, position, since }: EndpointPlace): void {
    this.#database
      .prepare('insert or replace into place (webhook, position, since) values (?, ?, ?)')
      .run(webhook, formatCursor(position), since)
    this.#database.prepare('delete from line where webhook = ?').run(webhook)
    const insert = this.#database.prepare('insert into line values (?, ?, ?, ?, ?, ?, ?)')
    for (const [number, { id, events, attempts, firstAt, dueAt }] of line.entries())
      insert.run(webhook, number, id, textOf(events), attempts, firstAt, dueAt)
  }

  #atOnce(work: () => void): void {
    this.#database.exec('begin immediate')
    try {
      work()
      this.#database.exec('commit')
    } catch (thrown) {
      // No room: it stays as it was.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw thrown
    }
  }
}

function textOf(events: readonly DeliveryEvent[]): string {
  return JSON.stringify(
    events.map(({ journal, lsn: number, segment, offset, message }) => [
      ...[journal, number, segment, offset],
      message,
    ]),
  )
}

function deliveryOf(row: Row): SavedDelivery {
  const events = JSON.parse(String(row['events'])) as [number, number, number, number, string][]
  return {
    id: String(row['id']),
    events: events.map(([journal, number, segment, offset, message]) => ({
      ...{ journal: journalId(journal), lsn: lsn(number), segment, offset, message },
    })),
    attempts: Number(row['attempts']),
    firstAt: row['first_at'] === null ? null : instant(Number(row['first_at'])),
    dueAt: instant(Number(row['due_at'])),
  }
}
