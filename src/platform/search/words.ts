// SPDX-License-Identifier: Apache-2.0
/** What recurs in events, as numbers. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type WordKind = 'tenant' | 'stream' | 'campaign' | 'type' | 'provider' | 'tag'

/** Words that memory keeps; over it all are forgotten, and found in the file. */
const KEPT_WORDS = 50_000

export class Words {
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #all: StatementSync
  readonly #known = new Map<string, number>()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('select id from word where kind = ? and text = ?')
    this.#add = database.prepare('insert into word (kind, text) values (?, ?) returning id')
    this.#all = database.prepare('select id, text from word where kind = ?')
  }

  /** `null` where no event has it. */
  find(kind: WordKind, text: string): number | null {
    const key = `${kind} ${text}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const row = this.#find.get(kind, text)
    return row === undefined ? null : this.#keep(key, Number(row['id']))
  }

  /** Within a transaction. */
  number(kind: WordKind, text: string): number {
    return (
      this.find(kind, text) ??
      this.#keep(`${kind} ${text}`, Number(this.#add.get(kind, text)?.['id']))
    )
  }

  /** Those of a kind of which there are few. */
  all(kind: WordKind): readonly { readonly id: number; readonly text: string }[] {
    return this.#all.all(kind).map(({ id, text }) => ({ id: Number(id), text: String(text) }))
  }

  /** What was added was taken back. */
  forget(): void {
    this.#known.clear()
  }

  #keep(key: string, id: number): number {
    if (this.#known.size >= KEPT_WORDS) this.#known.clear()
    this.#known.set(key, id)
    return id
  }
}
