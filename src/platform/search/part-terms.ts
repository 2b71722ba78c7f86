// SPDX-License-Identifier: Apache-2.0
/** What leads from terms to the events of one part: fresh entries in memory, and sorted runs in the file. */
import type { DatabaseSync } from 'node:sqlite'
import { compareEntries, type Entry } from './entries.ts'
import type { EventKey, Order } from './event-key.ts'
import { FreshTerms } from './fresh-terms.ts'
import { merged } from './merged.ts'
import { type RunLimits, TermRuns } from './term-runs.ts'

export class PartTerms {
  readonly #fresh: FreshTerms
  readonly #runs: TermRuns

  constructor(database: DatabaseSync, part: number, limits: RunLimits) {
    this.#fresh = new FreshTerms(database, part)
    this.#runs = new TermRuns(database, part, limits)
  }

  /** In memory. */
  get fresh(): number {
    return this.#fresh.length
  }

  push(entry: Entry): void {
    this.#fresh.push(entry)
  }

  /** What is new can be found after a crash. Within a transaction. */
  save(): void {
    this.#fresh.save()
  }

  /** Makes a run of what is fresh. Within a transaction. */
  settle(): void {
    if (this.fresh > 0) this.#runs.add(merged([this.#fresh.takeSorted()], compareEntries))
  }

  /** The events that a term leads to, after `after`, each once; read no further than is asked for. */
  *keys(term: number, order: Order, after: EventKey): Generator<EventKey, void, undefined> {
    const isOldest = order === 'oldest'
    const compare = isOldest
      ? compareEntries
      : (one: Entry, other: Entry) => compareEntries(other, one)
    const last: Entry = { term, ...after }
    const fresh = this.#fresh.ofTerm(term).filter((entry) => compare(entry, last) > 0)
    const runs = this.#runs.streams(isOldest ? { ...last, lsn: after.lsn + 1 } : last, order)
    for (const entry of merged([fresh.sort(compare), ...runs], compare)) {
      if (entry.term !== term) return
      yield entry
    }
  }
}
