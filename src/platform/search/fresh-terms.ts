// SPDX-License-Identifier: Apache-2.0
/**
 * The entries of a part that are in no run yet: in memory, as they came, and looked up by going through them (0.1 ms for
 * 64 Ki of them). Each transaction writes what is new as one row, so that they are there after a crash.
 */
import type { DatabaseSync } from 'node:sqlite'
import { Entries, type Entry } from './entries.ts'

export class FreshTerms {
  readonly #database: DatabaseSync
  readonly #part: number
  readonly #entries = new Entries()
  /** How many of them the file has. */
  #saved: number

  constructor(database: DatabaseSync, part: number) {
    this.#database = database
    this.#part = part
    const rows = database.prepare('select entries from fresh where part = ? order by id').all(part)
    for (const { entries } of rows) this.#entries.append(entries as Uint8Array)
    this.#saved = this.#entries.length
  }

  get length(): number {
    return this.#entries.length
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  ofTerm(term: number): Entry[] {
    return this.#entries.ofTerm(term)
  }

  /** Within a transaction. */
  save(): void {
    if (this.#saved === this.length) return
    this.#database
      .prepare('insert into fresh (part, entries) values (?, ?)')
      .run(this.#part, this.#entries.octets(this.#saved))
    this.#saved = this.length
  }

  /** All of them, in order; from now on a run has them. Within a transaction. */
  takeSorted(): Entry[] {
    const sorted = this.#entries.sorted()
    this.#entries.clear()
    this.#saved = 0
    this.#database.prepare('delete from fresh where part = ?').run(this.#part)
    return sorted
  }
}
