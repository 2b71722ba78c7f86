// SPDX-License-Identifier: Apache-2.0
/** What goes wrong at a PostgreSQL: rules that a change would break, and everything else. */
import pg from 'pg'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { BrokenRule } from '../sql/writes.ts'
import { type PostgresPlace, placeText } from './place.ts'

/** SQLSTATE. The second: a deletion that `on delete restrict` refuses; PostgreSQL 18 tells it apart. */
const REFERENCE: readonly unknown[] = ['23503', '23001']
const UNIQUE = '23505'

export function brokenRule(thrown: unknown): BrokenRule | null {
  if (!(thrown instanceof pg.DatabaseError)) return null
  if (REFERENCE.includes(thrown.code)) return 'reference'
  return thrown.code === UNIQUE ? 'unique' : null
}

/** `RLY_STORE_FAILED` that names the place, unless it is a broken rule or ours already. */
export function failureAt(place: PostgresPlace, thrown: unknown): unknown {
  if (thrown instanceof RelayError || brokenRule(thrown) !== null) return thrown
  return new RelayError(
    'RLY_STORE_FAILED',
    `the records in PostgreSQL at ${placeText(place)}: ${reasonOf(thrown)}`,
    { cause: thrown, publicText: 'the records cannot be read or written now; try again later' },
  )
}

/** A host with several addresses fails once for each, and says nothing itself. */
function reasonOf(thrown: unknown): string {
  return thrown instanceof AggregateError
    ? thrown.errors.map(messageOf).join('; ')
    : messageOf(thrown)
}
