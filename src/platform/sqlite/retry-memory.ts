// SPDX-License-Identifier: Apache-2.0
/** Who was sent mail again that had failed, in a file beside the journal that has it. Survives a power loss. */
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Clock } from '../../base/clock.ts'
import { retryLimits } from '../../base/limits/retry-limits.ts'
import type { RetryClaim, RetryKey, RetryMemory } from '../../control/recovery/retry-memory.ts'
import { messageIdOctets, messageIdOf } from '../../events/ids.ts'
import { openedAnew } from './opened-anew.ts'

const FILE = 'retries.sqlite'
const DAY_MS = 86_400_000

export class SqliteRetryMemory implements RetryMemory, Disposable {
  readonly #database: DatabaseSync
  readonly #clock: Clock
  readonly #look: StatementSync
  readonly #claim: StatementSync
  readonly #confirm: StatementSync
  readonly #release: StatementSync
  readonly #purge: StatementSync

  /** `folder`: of the journal. A file that cannot be read is made anew: whoever asks again then sends again. */
  static open(folder: string, clock: Clock): SqliteRetryMemory {
    return openedAnew(join(folder, FILE), (file) => new SqliteRetryMemory(file, clock))
  }

  private constructor(file: string, clock: Clock) {
    this.#clock = clock
    this.#database = new DatabaseSync(file)
    this.#database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      create table if not exists retry (
        key blob primary key,
        message blob not null,
        day integer not null,
        confirmed integer not null
      ) without rowid;
      create index if not exists retry_day on retry (day);
    `)
    const prepare = (sql: string) => this.#database.prepare(sql)
    this.#look = prepare('select message, confirmed from retry where key = ?')
    this.#claim = prepare(
      'insert or replace into retry (key, message, day, confirmed) values (?, ?, ?, 0)',
    )
    this.#confirm = prepare('update retry set confirmed = 1 where key = ?')
    this.#release = prepare('delete from retry where key = ?')
    this.#purge = prepare('delete from retry where day < ?')
  }

  look(key: RetryKey): ReturnType<RetryMemory['look']> {
    const row = this.#look.get(octetsOf(key))
    if (row === undefined) return null
    return { as: messageIdOf(row['message'] as Uint8Array), isConfirmed: row['confirmed'] === 1 }
  }

  claim(claims: readonly RetryClaim[]): void {
    const today = Math.floor(this.#clock.now() / DAY_MS)
    this.#together(() => {
      this.#purge.run(today - retryLimits.rememberedDays)
      for (const claim of claims) this.#claim.run(octetsOf(claim), messageIdOctets(claim.as), today)
    })
  }

  confirm(keys: readonly RetryKey[]): void {
    this.#together(() => {
      for (const key of keys) this.#confirm.run(octetsOf(key))
    })
  }

  release(keys: readonly RetryKey[]): void {
    this.#together(() => {
      for (const key of keys) this.#release.run(octetsOf(key))
    })
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #together(work: () => void): void {
    this.#database.exec('begin immediate')
    try {
      work()
      this.#database.exec('commit')
    } catch (thrown) {
      // A disk that is full: all or none.
      this.#database.exec('rollback')
      throw thrown
    }
  }
}

function octetsOf({ messageId, recipientIndex }: RetryKey): Buffer {
  const octets = Buffer.alloc(18)
  messageIdOctets(messageId).copy(octets)
  octets.writeUInt16BE(recipientIndex, 16)
  return octets
}
