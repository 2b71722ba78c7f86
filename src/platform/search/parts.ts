// SPDX-License-Identifier: Apache-2.0
/**
 * The parts of the search view: each has the events from its `since` to that of the next one, and is given back to the file as
 * a whole when it is too old. No two have events of the same time, so that parts in order have events in order.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PartTerms } from './part-terms.ts'
import type { RunLimits } from './term-runs.ts'

export interface Part {
  readonly id: number
  /** Epoch milliseconds. */
  readonly since: number
  /** Of its last event, epoch milliseconds. */
  latest: number
  events: number
  readonly addEvent: StatementSync
  readonly terms: PartTerms
}

export interface PartLimits {
  /** A part with so many events is followed by another one; late ones still come into it. */
  readonly events: number
  /** And one that is so old. */
  readonly ageMs: number
  /** Entries of terms that all parts together keep in memory (23 octets each), besides those of one transaction. */
  readonly fresh: number
  readonly runs: RunLimits
}

export const usualParts: PartLimits = {
  events: 500_000,
  ageMs: 24 * 60 * 60_000,
  fresh: 65_536,
  runs: { merged: 8, entries: 131_072 },
}

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
      .prepare('select id, since, latest, events from part order by since')
      .all()
      .map(({ id, since, latest, events }) =>
        this.#opened(Number(id), {
          since: Number(since),
          latest: Number(latest),
          events: Number(events),
        }),
      )
  }

  /** Where an event of that time goes. Within a transaction. */
  partFor(at: number): Part {
    const last = this.#all.at(-1)
    if (last === undefined) return this.#begin(at)
    if (at < last.since) return this.#all.findLast(({ since }) => since <= at) ?? this.#begin(at)
    const isOver = last.events >= this.#limits.events || at - last.since >= this.#limits.ageMs
    return isOver && at > last.latest ? this.#begin(at) : last
  }

  /** Those that may have events of this time, in order. */
  within(since: number | null, until: number | null): readonly Part[] {
    return this.#all.filter((part, index) => {
      const end = this.#all[index + 1]?.since ?? Number.POSITIVE_INFINITY
      return (since === null || end >= since) && (until === null || part.since < until)
    })
  }

  /** What was added to them. Within a transaction. */
  save(changed: ReadonlySet<Part>): void {
    const save = this.#database.prepare('update part set latest = ?, events = ? where id = ?')
    for (const { id, latest, events } of changed) save.run(latest, events, id)
    const fresh = this.#all.reduce((sum, { terms }) => sum + terms.fresh, 0)
    if (fresh >= this.#limits.fresh) for (const { terms } of this.#all) terms.settle()
    else for (const { terms } of changed) terms.save()
  }

  /** Drops the oldest part, if all that is in it happened before. Returns whether it did. */
  dropBefore(time: number): boolean {
    const [oldest, next] = this.#all
    if (oldest === undefined || next === undefined || next.since > time) return false
    this.#database.exec(`begin immediate; drop table event_${oldest.id}; drop table page_${oldest.id};
      delete from run where part = ${oldest.id}; delete from fresh where part = ${oldest.id};
      delete from part where id = ${oldest.id}; commit`)
    this.#all.shift()
    return true
  }

  #begin(since: number): Part {
    const row = this.#database
      .prepare('insert into part (since, latest, events) values (?, ?, 0) returning id')
      .get(since, since)
    const id = Number(row?.['id'])
    this.#database.exec(`
      create table event_${id} (
        at integer not null, journal integer not null, lsn integer not null, segment integer not null,
        offset integer not null, type integer not null, tenant integer, stream integer, campaign integer,
        provider integer, tags text, primary key (at, journal, lsn)) strict, without rowid;
      create table page_${id} (run integer not null, first blob not null, entries blob not null) strict;
      create unique index page_${id}_first on page_${id} (run, first)`)
    const part = this.#opened(id, { since, latest: since, events: 0 })
    this.#all.push(part)
    this.#all.sort((one, other) => one.since - other.since)
    return part
  }

  #opened(id: number, what: Pick<Part, 'since' | 'latest' | 'events'>): Part {
    return {
      id,
      ...what,
      addEvent: this.#database.prepare(
        `insert or replace into event_${id} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      terms: new PartTerms(this.#database, id, this.#limits.runs),
    }
  }
}
