// SPDX-License-Identifier: Apache-2.0
/** What recurs in events, as numbers. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type WordKind = 'tenant' | 'stream' | 'campaign' | 'type' | 'provider' | 'tag'

/** Words of a kind that memory keeps; over it they are forgotten, and found in the file. */
const KEPT_WORDS = 10_000

export class Words {
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #all: StatementSync
  readonly #known = new Map<WordKind, Map<string, number>>()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('select id from word where kind = ? and text = ?')
    this.#add = database.prepare('insert into word (kind, text) values (?, ?) returning id')
    this.#all = database.prepare('select id, text from word where kind = ?')
  }

  /** `null` where no event has it. */
  find(kind: WordKind, text: string): number | null {
    const known = this.#known.get(kind)?.get(text)
    if (known !== undefined) return known
    const row = this.#find.get(kind, text)
    return row === undefined ? null : this.#keep(kind, text, Number(row['id']))
  }

  /** Within a transaction. */
  number(kind: WordKind, text: string): number {
    return (
      this.find(kind, text) ?? this.#keep(kind, text, Number(this.#add.get(kind, text)?.['id']))
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

  #keep(kind: WordKind, text: string, id: number): number {
    const known = this.#known.get(kind) ?? new Map<string, number>()
    this.#known.set(kind, known)
    if (known.size >= KEPT_WORDS) known.clear()
    known.set(text, id)
    return id
  }
}
