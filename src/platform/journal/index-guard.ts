// SPDX-License-Identifier: Apache-2.0
/**
 * The database of the index as the journal uses it: where SQLite finds the file damaged, or a row says what cannot be, the
 * guard is told, once. All that the index says is in the journal too, so it is thrown away, and made anew by a start.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { messageOf } from '../../base/errors.ts'
import { isCorrupt } from './sqlite-failure.ts'

type Columns = Record<string, SQLOutputValue>

export interface IndexStatement {
  get(...values: SQLInputValue[]): Columns | undefined
  all(...values: SQLInputValue[]): Columns[]
  run(...values: SQLInputValue[]): { readonly changes: number | bigint }
  iterate(...values: SQLInputValue[]): Iterable<Columns>
}

/** What reader and writer need; a plain `DatabaseSync` will do where nobody is to be told. */
export interface IndexDatabase {
  readonly isTransaction: boolean
  prepare(sql: string): IndexStatement
  exec(sql: string): void
}

/** The index cannot be believed. */
export class IndexDamaged extends Error {
  override readonly name = 'IndexDamaged'
}

export class IndexGuard implements IndexDatabase {
  /** Whom to tell. Recovery needs nobody: it makes the index anew itself. */
  onDamaged: (why: string) => void = () => {}
  readonly #database: DatabaseSync
  #isDamaged = false

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction
  }

  prepare(sql: string): IndexStatement {
    const statement = this.#database.prepare(sql)
    const watched = <T>(work: () => T): T => this.#watched(work)
    return {
      get: (...values) => watched(() => statement.get(...values)),
      all: (...values) => watched(() => statement.all(...values)),
      run: (...values) => watched(() => statement.run(...values)),
      *iterate(...values) {
        const rows = watched(() => statement.iterate(...values)[Symbol.iterator]())
        try {
          for (let row = watched(() => rows.next()); !row.done; row = watched(() => rows.next()))
            yield row.value
        } finally {
          rows.return?.()
        }
      },
    }
  }

  exec(sql: string): void {
    this.#watched(() => this.#database.exec(sql))
  }

  /** Says what is wrong. Returns what the caller is to throw. */
  damaged(why: string): IndexDamaged {
    if (!this.#isDamaged) this.onDamaged(why)
    this.#isDamaged = true
    return new IndexDamaged(why)
  }

  #watched<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      if (isCorrupt(thrown)) throw this.damaged(messageOf(thrown))
      throw thrown
    }
  }
}
