// SPDX-License-Identifier: Apache-2.0
/**
 * Which reports were recorded, in a file beside the journal that has their messages. A process that is killed loses nothing of
 * it; after a power loss the last reports may be recorded twice.
 */
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { feedbackLimits } from '../../base/limits/feedback-limits.ts'
import { messageIdOctets } from '../../events/ids.ts'
import type { Claim, ReportKey, ReportMemory } from '../../feedback/report-memory.ts'
import { openedAnew } from './opened-anew.ts'

const FILE = 'reports.sqlite'
const DAY_MS = 86_400_000

/** Numbers are on disk. */
const whatNumbers = { bounced: 1, complained: 2, unsubscribed: 3 } as const
const NOT_PROVEN = 0x10

/** Days that it is kept beyond what is usual: as if it had come so much later. */
const longerBy = {
  bounced: 0,
  complained: 0,
  unsubscribed: feedbackLimits.wishesRememberedDays - feedbackLimits.rememberedDays,
} as const

export class SqliteReportMemory implements ReportMemory, Disposable {
  readonly #database: DatabaseSync
  readonly #clock: Clock
  readonly #claim: StatementSync
  readonly #look: StatementSync
  readonly #confirm: StatementSync
  #purgedOn = 0

  /** `folder`: of the journal. A file that cannot be read is made anew: what it knew may be told twice. */
  static open(folder: string, clock: Clock): SqliteReportMemory {
    return openedAnew(join(folder, FILE), (file) => new SqliteReportMemory(file, clock))
  }

  private constructor(file: string, clock: Clock) {
    this.#clock = clock
    this.#database = new DatabaseSync(file)
    this.#database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = normal;
      create table if not exists report (
        key blob primary key,
        day integer not null,
        confirmed integer not null
      ) without rowid;
      create index if not exists report_day on report (day);
    `)
    this.#claim = this.#database.prepare(
      'insert into report (key, day, confirmed) values (?, ?, 0) on conflict do nothing',
    )
    this.#look = this.#database.prepare('select confirmed from report where key = ?')
    this.#confirm = this.#database.prepare('update report set confirmed = 1 where key = ?')
  }

  claim(key: ReportKey): Claim {
    const today = dayOf(this.#clock.now())
    this.#purge(today)
    if (!key.isProven && this.#look.get(octetsOf({ ...key, isProven: true }))) return 'known'
    const octets = octetsOf(key)
    if (this.#claim.run(octets, today + longerBy[key.what]).changes > 0) return 'new'
    return this.#look.get(octets)?.['confirmed'] === 1 ? 'known' : 'doubtful'
  }

  confirm(key: ReportKey): void {
    this.#confirm.run(octetsOf(key))
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  /** Once a day. */
  #purge(today: number): void {
    if (today === this.#purgedOn) return
    this.#purgedOn = today
    this.#database
      .prepare('delete from report where day < ?')
      .run(today - feedbackLimits.rememberedDays)
  }
}

function octetsOf({ isProven, messageId, recipientIndex, what }: ReportKey): Buffer {
  const octets = Buffer.alloc(19)
  messageIdOctets(messageId).copy(octets)
  octets.writeUInt16BE(recipientIndex, 16)
  octets[18] = whatNumbers[what] | (isProven ? 0 : NOT_PROVEN)
  return octets
}

function dayOf(at: Instant): number {
  return Math.floor(at / DAY_MS)
}
