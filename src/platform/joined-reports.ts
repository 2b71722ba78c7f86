// SPDX-License-Identifier: Apache-2.0
/** What each journal of a worker remembers of reports: its own, and those of journals that it has adopted. */
import { type JournalId, journalOf } from '../events/ids.ts'
import type { Claim, ReportKey, ReportMemory } from '../feedback/report-memory.ts'

export class JoinedReports implements ReportMemory {
  readonly #own: ReportMemory
  readonly #byId: ReadonlyMap<JournalId, ReportMemory>

  /** `memories` holds the own one too. */
  constructor(own: ReportMemory, memories: ReadonlyMap<JournalId, ReportMemory>) {
    this.#own = own
    this.#byId = memories
  }

  claim(key: ReportKey): Claim {
    return this.#of(key).claim(key)
  }

  confirm(key: ReportKey): void {
    this.#of(key).confirm(key)
  }

  #of({ messageId }: ReportKey): ReportMemory {
    return this.#byId.get(journalOf(messageId)) ?? this.#own
  }
}
