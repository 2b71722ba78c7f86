// SPDX-License-Identifier: Apache-2.0
/**
 * The sorted runs of a part, as in a log-structured merge tree: each has entries in order, in pages of 4 KiB that are written
 * once, side by side. To look a term up is one seek in each run, and a binary search in the page.
 *
 * Eight runs of a tier (8^n entries and more) are merged into one, until a run is so large that it stays: a part of 500,000
 * events has two of half a million entries, and some smaller ones. Such a merge takes 0.2 s of CPU, for which searches and
 * the taking of events wait, once in 200,000 events; the longest that can be, of a million entries, 0.4 s. Its memory is a
 * page of each run.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  compareEntries,
  ENTRY_OCTETS,
  Entries,
  type Entry,
  entryOctets,
  firstEntry,
} from './entries.ts'
import type { Order } from './event-key.ts'
import { merged } from './merged.ts'

export interface RunLimits {
  /** Runs of a tier that are merged into one. */
  readonly merged: number
  /** A run with so many entries is merged no more. */
  readonly entries: number
}

interface Run {
  readonly id: number
  readonly entries: number
}

/** A row with them, and the key, just fills a page of SQLite. */
const PAGE_ENTRIES = 175

export class TermRuns {
  readonly #database: DatabaseSync
  readonly #part: number
  readonly #limits: RunLimits
  #all: Run[]
  readonly #pageUpTo: StatementSync
  readonly #pageBefore: StatementSync
  readonly #pageAfter: StatementSync

  constructor(database: DatabaseSync, part: number, limits: RunLimits) {
    this.#database = database
    this.#part = part
    this.#limits = limits
    this.#all = database
      .prepare('select id, entries from run where part = ?')
      .all(part)
      .map(({ id, entries }) => ({ id: Number(id), entries: Number(entries) }))
    const page = (which: string) =>
      database.prepare(
        `select first, entries from page_${part} where run = ? and first ${which} limit 1`,
      )
    this.#pageUpTo = page('<= ? order by first desc')
    this.#pageBefore = page('< ? order by first desc')
    this.#pageAfter = page('> ? order by first')
  }

  /** One stream for each run: from that entry on, or from just before it on downwards. */
  streams(from: Entry, order: Order): Iterable<Entry>[] {
    return this.#all.map((run) => this.#stream(run, from, order))
  }

  /** Writes them, which are in order, as one more run. Within a transaction. */
  add(entries: Iterable<Entry>): void {
    const run = this.#database
      .prepare('insert into run (part, entries) values (?, 0) returning id')
      .get(this.#part)
    const id = Number(run?.['id'])
    const addPage = this.#database.prepare(`insert into page_${this.#part} values (?, ?, ?)`)
    let written = 0
    for (const page of pagesOf(entries)) {
      const octets = page.octets()
      addPage.run(id, octets.subarray(0, ENTRY_OCTETS), octets)
      written += page.length
    }
    this.#database.prepare('update run set entries = ? where id = ?').run(written, id)
    this.#all.push({ id, entries: written })
    this.#merge()
  }

  #merge(): void {
    const small = this.#all.filter(({ entries }) => entries < this.#limits.entries)
    const tiers = Map.groupBy(small, ({ entries }) => this.#tierOf(entries))
    const full = tiers.values().find((runs) => runs.length >= this.#limits.merged)
    if (full === undefined) return
    this.#all = this.#all.filter((run) => !full.includes(run))
    const streams = full.map((run) => this.#stream(run, firstEntry, 'oldest'))
    this.add(merged(streams, compareEntries))
    const ids = full.map(({ id }) => id).join(', ')
    this.#database.exec(
      `delete from page_${this.#part} where run in (${ids}); delete from run where id in (${ids})`,
    )
  }

  #tierOf(entries: number): number {
    return Math.floor(Math.log(entries) / Math.log(this.#limits.merged))
  }

  *#stream({ id }: Run, from: Entry, order: Order): Generator<Entry, void, undefined> {
    const start = entryOctets(from)
    const following = order === 'oldest' ? this.#pageAfter : this.#pageBefore
    let page = this.#pageUpTo.get(id, start) ?? following.get(id, start)
    while (page !== undefined) {
      const entries = Entries.of(page['entries'] as Uint8Array)
      const before = entries.countBefore(from)
      if (order === 'oldest') for (let at = before; at < entries.length; at++) yield entries.at(at)
      else for (let at = before - 1; at >= 0; at--) yield entries.at(at)
      page = following.get(id, page['first'] as Uint8Array)
    }
  }
}

/** Each is given in the room of the one before. */
function* pagesOf(entries: Iterable<Entry>): Generator<Entries, void, undefined> {
  const page = new Entries(new Uint8Array(PAGE_ENTRIES * ENTRY_OCTETS))
  for (const entry of entries) {
    page.push(entry)
    if (page.length < PAGE_ENTRIES) continue
    yield page
    page.clear()
  }
  if (page.length > 0) yield page
}
