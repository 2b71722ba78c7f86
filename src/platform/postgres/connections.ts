// SPDX-License-Identifier: Apache-2.0
/**
 * The connections of one process to PostgreSQL, made when they are needed: one that broke is dropped, and the next
 * question makes another. So a server that was away is used again as soon as it is back.
 *
 * Known limit: a server whose host vanishes without a word is given up after `ANSWER_TIMEOUT_MS`.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { clientConfig } from './client-config.ts'
import { failureAt } from './failure.ts'
import type { PostgresOptions, PostgresPlace } from './place.ts'

/** One transaction, and those who read meanwhile. */
const MOST_CONNECTIONS = 4
/** Whoever waits for another writer gives up after this long, as with SQLite. */
const LOCK_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 30_000
/** Longer than the server's own, which says what took so long. */
const ANSWER_TIMEOUT_MS = 35_000
/** Of a process that stands still in a transaction, and with it all who want to write. */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000

export function connectionsTo(options: PostgresOptions): PostgresPool {
  const { place } = options
  const pool = new pg.Pool({
    ...clientConfig(options),
    max: MOST_CONNECTIONS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
  })
  // The question in hand fails too, and who asked says so; without these the process would end.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return {
    options: {},
    connect: () => failing(place, async () => guarded(await pool.connect(), place)),
    end: () => pool.end(),
  }
}

/** Failures in our words; a connection that did not answer is not used again. */
function guarded(client: pg.PoolClient, place: PostgresPlace): PostgresPoolClient {
  let isBroken = false
  const query = (sql: string, parameters: readonly unknown[]) =>
    failing(place, async () => {
      try {
        return await client.query(sql, [...parameters])
      } catch (thrown) {
        // The server's own word leaves the connection as good as it was.
        isBroken ||= !(thrown instanceof pg.DatabaseError)
        throw thrown
      }
    })
  return {
    // Its other form is for cursors, which we do not have.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(isBroken || destroy === true),
  }
}

async function failing<T>(place: PostgresPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    // No connection, no answer, or the server's refusal.
    throw failureAt(place, thrown)
  }
}
