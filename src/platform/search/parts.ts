// SPDX-License-Identifier: Apache-2.0
/**
 * The parts of the search view: each has the events from its `since` to that of the next one. Small enough that what is
 * written at random places of it is in memory; and given back to the file as a whole when it is too old.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export interface Part {
  readonly id: number
  /** Epoch milliseconds. */
  readonly since: number
  events: number
  readonly addEvent: StatementSync
  readonly addTerm: StatementSync
}

export interface PartLimits {
  /** A part with so many events is followed by another one; late ones still come into it. */
  readonly events: number
  /** And one that is so old. */
  readonly ageMs: number
}

export const usualParts: PartLimits = { events: 500_000, ageMs: 24 * 60 * 60_000 }

export class Parts {
  readonly #database: DatabaseSync
  readonly #limits: PartLimits
  /** In order of time. */
  #all: Part[] = []

  constructor(database: DatabaseSync, limits: PartLimits) {
    this.#database = database
    this.#limits = limits
    this.reload()
  }

  /** As the file has them: after a transaction that was taken back. */
  reload(): void {
    this.#all = this.#database
      .prepare('select id, since, events from part order by since, id')
      .all()
      .map(({ id, since, events }) => this.#opened(Number(id), Number(since), Number(events)))
  }

  /** Where an event of that time goes. Within a transaction. */
  partFor(at: number): Part {
    const last = this.#all.at(-1)
    if (last === undefined) return this.#begin(at)
    if (at < last.since) return this.#all.findLast(({ since }) => since <= at) ?? this.#begin(at)
    const isOver = last.events >= this.#limits.events || at - last.since >= this.#limits.ageMs
    return isOver ? this.#begin(at) : last
  }

  /** Those that may have events of this time, in order. */
  within(since: number | null, until: number | null): readonly Part[] {
    return this.#all.filter((part, index) => {
      const end = this.#all[index + 1]?.since ?? Number.POSITIVE_INFINITY
      return (since === null || end >= since) && (until === null || part.since < until)
    })
  }

  /** Within a transaction. */
  saveCounts(changed: ReadonlySet<Part>): void {
    const save = this.#database.prepare('update part set events = ? where id = ?')
    for (const { id, events } of changed) save.run(events, id)
  }

  /** Drops the oldest part, if all that is in it happened before. Returns whether it did. */
  dropBefore(time: number): boolean {
    const [oldest, next] = this.#all
    if (oldest === undefined || next === undefined || next.since > time) return false
    this.#database.exec(`begin immediate; drop table event_${oldest.id}; drop table term_${oldest.id};
      delete from part where id = ${oldest.id}; commit`)
    this.#all.shift()
    return true
  }

  #begin(since: number): Part {
    const row = this.#database
      .prepare('insert into part (since, events) values (?, 0) returning id')
      .get(since)
    const id = Number(row?.['id'])
    this.#database.exec(`
      create table event_${id} (
        at integer not null, journal integer not null, lsn integer not null, segment integer not null,
        offset integer not null, type integer not null, tenant integer, stream integer, campaign integer,
        provider integer, tags text, primary key (at, journal, lsn)) strict, without rowid;
      create table term_${id} (
        term integer not null, at integer not null, journal integer not null, lsn integer not null,
        primary key (term, at, journal, lsn)) strict, without rowid`)
    const part = this.#opened(id, since, 0)
    this.#all.push(part)
    this.#all.sort((one, other) => one.since - other.since || one.id - other.id)
    return part
  }

  #opened(id: number, since: number, events: number): Part {
    return {
      id,
      since,
      events,
      addEvent: this.#database.prepare(
        `insert or replace into event_${id} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      addTerm: this.#database.prepare(`insert or ignore into term_${id} values (?, ?, ?, ?)`),
    }
  }
}
