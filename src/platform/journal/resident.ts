// SPDX-License-Identifier: Apache-2.0
/** What memory knows of a message and of its recipients; `residents.ts` keeps them. */
import { type Instant, instant } from '../../base/brand.ts'
import type { LastAttempt, Message, SpoolAddress } from '../../spool/message.ts'

export type ResidentKind = 'owned' | 'waiting' | 'final'

/** A message of which memory knows a recipient. It is the `SpoolAddress` that leaves the journal. */
export interface Resident {
  /** Of the record that it was accepted with. */
  readonly lsn: number
  /** Changed when the record is copied forward. */
  segment: number
  offset: number
  /** Each recipient's part of the record. */
  readonly share: number
  /** The content has a file of its own. */
  hasFile: boolean
  /** `null` until it was read back from the segment. */
  message: Message | null
  readonly recipients: (ResidentRecipient | undefined)[]
  known: number
  owned: number
  /** Fresh content; see `ContentCache`. */
  fresh: { readonly signature: Uint8Array; readonly body: Uint8Array } | null
  /** Where a recipient failed: how long the content is kept. */
  keepUntil: Instant
}

export type ResidentPlace = Pick<Resident, 'lsn' | 'segment' | 'offset' | 'share' | 'message'>

export interface ResidentRecipient {
  readonly message: Resident
  readonly index: number
  readonly queue: ResidentQueue
  kind: ResidentKind
  attempts: number
  dueAt: Instant
  lastAttempt: LastAttempt | null
  /** When its submitter is to be told that it waits; `null`: never, or done. */
  delayAt: number | null
  /** `held`: nothing is sent to it before somebody releases it. `released`: perhaps its row does not know yet. */
  hold: 'none' | 'held' | 'released'
  /** The index has a row, perhaps an old one. */
  hasRow: boolean
  /** LSN of the outcome that it was changed by; 0 for none. */
  changedBy: number
}

export interface ResidentQueue {
  readonly name: string
  /** Recipients that are not final, owned ones included. */
  alive: number
  owned: number
  /** How many of its recipients are known here. */
  known: number
  /** The earliest due time of those that wait here and have no row that says so. */
  unindexedDueAt: number
}

/** A message at its place; not known to anybody yet. */
export function residentAt(place: ResidentPlace): Resident {
  return {
    ...place,
    hasFile: false,
    recipients: [],
    known: 0,
    owned: 0,
    fresh: null,
    keepUntil: instant(0),
  }
}

/** The address as others hold it. */
export function addressOf(resident: Resident): SpoolAddress {
  return resident as unknown as SpoolAddress
}

/** The resident behind an address that this journal gave. */
export function residentOf(address: SpoolAddress): Resident {
  return address as unknown as Resident
}
