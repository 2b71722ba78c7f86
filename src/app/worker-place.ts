// SPDX-License-Identifier: Apache-2.0
/** Where a process stands among those that share the mail. */
import { type JournalId, journalId } from '../events/ids.ts'

export interface WorkerPlace {
  /** From 0. */
  readonly index: number
  /** How many there are; 1 is a relay that is one process. */
  readonly count: number
  /** Ports that all of them share, in the order of listeners and their addresses, then the API's, then the web's; `null`: the configuration's, for this process alone. */
  readonly sharedPorts: readonly number[] | null
}

export const alone: WorkerPlace = { index: 0, count: 1, sharedPorts: null }

/** The journal that a worker writes to. */
export function ownJournal(place: WorkerPlace): JournalId {
  return journalId(place.index + 1)
}

/** Who has a journal, as long as there are so many workers. */
export function ownerOf({ count }: Pick<WorkerPlace, 'count'>, journal: JournalId): number {
  return (journal - 1) % count
}

/** Whose a journal is that an earlier start with more workers has left: each belongs to one of those that are. */
export function adopts(place: WorkerPlace, journal: JournalId): boolean {
  return journal > place.count && ownerOf(place, journal) === place.index
}
