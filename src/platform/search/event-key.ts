// SPDX-License-Identifier: Apache-2.0
/** The order of events in the search view: by time, then by journal and LSN. A page ends at a key, and the next one begins there. */
import { RelayError } from '../../base/errors.ts'

export interface EventKey {
  /** Epoch milliseconds. */
  readonly at: number
  readonly journal: number
  readonly lsn: number
}

export type Order = 'newest' | 'oldest'

/** Before all others: LSNs begin at 1. */
export function firstKey(order: Order): EventKey {
  return order === 'oldest'
    ? { at: 0, journal: 0, lsn: 0 }
    : { at: Number.MAX_SAFE_INTEGER, journal: 0, lsn: 0 }
}

export function formatKey({ at, journal, lsn }: EventKey): string {
  return `${at}.${journal}.${lsn}`
}

/** Throws `RLY_USAGE`. */
export function parseKey(text: string): EventKey {
  const match = /^(\d{1,16})\.(\d{1,5})\.(\d{1,16})$/.exec(text)
  if (match === null) throw new RelayError('RLY_USAGE', `"${text.slice(0, 100)}" is no cursor`)
  return { at: Number(match[1]), journal: Number(match[2]), lsn: Number(match[3]) }
}
