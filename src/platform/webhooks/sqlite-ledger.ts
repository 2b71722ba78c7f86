// SPDX-License-Identifier: Apache-2.0
/** The ledger of webhooks over its file. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { type Instant, instant } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import type { Log } from '../../base/log.ts'
import type {
  DeadLetter,
  EndpointPlace,
  LedgerChanges,
  LoggedAttempt,
  WebhookLedger,
} from '../../control/webhooks/webhook-ledger.ts'
import { formatCursor, parseCursor } from '../../events/cursor.ts'
import type { WebhookId } from '../../records/webhooks/webhook.ts'
import { isCorrupt } from '../journal/sqlite-failure.ts'
import { attemptOf, deadLetterOf, deliveryOf, type Row, textOfEvents } from './ledger-rows.ts'
import { type LedgerFile, openLedger } from './webhook-file.ts'

const TABLES = ['place', 'line', 'dead', 'attempt'] as const

export class SqliteWebhookLedger implements WebhookLedger {
  readonly #database: DatabaseSync
  readonly #file: LedgerFile
  /** What an answer of SQLite said. */
  #damage: string | null = null
  readonly madeAt: Instant

  /** Throws where there can be no such file now. */
  static open(path: string, now: Instant, log: Log): SqliteWebhookLedger {
    const { database, file, madeAnew, madeAt } = openLedger(path, now)
    if (madeAnew !== null)
      log.error(
        { why: madeAnew },
        'what was kept of webhooks is lost: endpoints are told of what happens from now on',
      )
    return new SqliteWebhookLedger(database, file, madeAt)
  }

  private constructor(database: DatabaseSync, file: LedgerFile, madeAt: Instant) {
    this.#database = database
    this.#file = file
    this.madeAt = madeAt
  }

  damage(): string | null {
    return this.#damage ?? this.#file.damage()
  }

  setAside(): string | null {
    this[Symbol.dispose]()
    return this.#file.setAside()
  }

  place(webhook: WebhookId): EndpointPlace | null {
    const [row] = this.#all('select * from place where webhook = ?', webhook)
    if (row === undefined) return null
    const line = this.#all('select * from line where webhook = ? order by number', webhook)
    return {
      position: parseCursor(String(row['position'])),
      since: instant(Number(row['since'])),
      line: line.map(deliveryOf),
    }
  }

  save({ attempts, dead, places, revived }: LedgerChanges): void {
    this.#atOnce(() => {
      for (const { webhook, place } of places) this.#putPlace(webhook, place)
      for (const attempt of attempts) this.#putAttempt(attempt)
      for (const letter of dead) this.#putDead(letter)
      for (const number of revived) this.#run('delete from dead where number = ?', number)
      this.#trim(
        'attempt',
        new Set(attempts.map(({ webhook }) => webhook)),
        callLimits.keptAttempts,
      )
      this.#trim('dead', new Set(dead.map(({ webhook }) => webhook)), callLimits.keptDead)
    })
  }

  keepOnly(webhooks: readonly WebhookId[]): void {
    const kept = JSON.stringify(webhooks)
    this.#atOnce(() => {
      for (const table of TABLES)
        this.#run(
          `delete from ${table} where webhook not in (select value from json_each(?))`,
          kept,
        )
    })
  }

  attempts(webhook: WebhookId, before: number | null, limit: number) {
    return this.#page('attempt', webhook, before, limit).map(attemptOf)
  }

  attempt(webhook: WebhookId, number: number): LoggedAttempt | null {
    const query = 'select * from attempt where webhook = ? and number = ?'
    const [row] = this.#all(query, webhook, number)
    return row === undefined ? null : attemptOf(row)
  }

  dead(webhook: WebhookId, before: number | null, limit: number) {
    return this.#page('dead', webhook, before, limit).map(deadLetterOf)
  }

  deadCount(webhook: WebhookId): number {
    const [row] = this.#all('select count(*) as count from dead where webhook = ?', webhook)
    return Number(row?.['count'])
  }

  askAgain(webhook: WebhookId, numbers: readonly number[] | null): number {
    const which = numbers === null ? '' : 'and number in (select value from json_each(?))'
    const asked = numbers === null ? [] : [JSON.stringify(numbers)]
    return this.#run(`update dead set is_asked = 1 where webhook = ? ${which}`, webhook, ...asked)
  }

  again(webhook: WebhookId, limit: number) {
    const query = 'select * from dead where webhook = ? and is_asked = 1 order by number limit ?'
    return this.#all(query, webhook, limit).map(deadLetterOf)
  }

  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return
    try {
      this.#database.close()
    } catch (thrown) {
      // What is damaged cannot be brought to its end.
      if (!isCorrupt(thrown)) throw thrown
    }
  }

  #putPlace(webhook: WebhookId, { line, position, since }: EndpointPlace): void {
    const place = 'insert or replace into place (webhook, position, since) values (?, ?, ?)'
    this.#run(place, webhook, formatCursor(position), since)
    this.#run('delete from line where webhook = ?', webhook)
    const insert = this.#database.prepare('insert into line values (?, ?, ?, ?, ?, ?, ?)')
    for (const [number, { id, events, attempts, firstAt, dueAt }] of line.entries())
      insert.run(webhook, number, id, textOfEvents(events), attempts, firstAt, dueAt)
  }

  #putAttempt(done: LoggedAttempt): void {
    const { answer, at, attempt, delivery, duration, events, status, url, webhook, why } = done
    this.#run(
      `insert into attempt (webhook, at, delivery, events, attempt, url, status, answer, why, duration)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[webhook, at, delivery, textOfEvents(events), attempt, url, status, answer, why, duration],
    )
  }

  #putDead({ deadAt, delivery, webhook, why }: DeadLetter): void {
    const { attempts, events, firstAt, id } = delivery
    this.#run(
      `insert into dead (webhook, id, events, attempts, first_at, dead_at, why, is_asked)
       values (?, ?, ?, ?, ?, ?, ?, 0)`,
      ...[webhook, id, textOfEvents(events), attempts, firstAt, deadAt, why],
    )
  }

  #trim(table: 'attempt' | 'dead', webhooks: ReadonlySet<WebhookId>, kept: number): void {
    for (const webhook of webhooks)
      this.#run(
        `delete from ${table} where webhook = ?1 and number <= (
           select number from ${table} where webhook = ?1 order by number desc limit 1 offset ?2)`,
        webhook,
        kept,
      )
  }

  #page(table: 'attempt' | 'dead', webhook: WebhookId, before: number | null, limit: number) {
    const query = `select * from ${table} where webhook = ? and number < ? order by number desc limit ?`
    return this.#all(query, webhook, before ?? Number.MAX_SAFE_INTEGER, limit)
  }

  #all(query: string, ...values: SQLInputValue[]): Row[] {
    return this.#noticing(() => this.#database.prepare(query).all(...values))
  }

  /** How many rows it concerned. */
  #run(query: string, ...values: SQLInputValue[]): number {
    return this.#noticing(() => Number(this.#database.prepare(query).run(...values).changes))
  }

  #noticing<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      // A full disk passes; damage does not.
      if (isCorrupt(thrown)) this.#damage = messageOf(thrown)
      throw thrown
    }
  }

  #atOnce(work: () => void): void {
    this.#noticing(() => {
      this.#database.exec('begin immediate')
      try {
        work()
        this.#database.exec('commit')
      } catch (thrown) {
        // No room: it stays as it was.
        if (this.#database.isTransaction) this.#database.exec('rollback')
        throw thrown
      }
    })
  }
}
