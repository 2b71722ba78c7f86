// SPDX-License-Identifier: Apache-2.0
/**
 * Writes outcomes to the journal, and sends the DSN that a failure owes first: a crash in between may report
 * twice, never not at all. While the disk is full it waits, since each outcome that is not recorded
 * would be sent again; a failed disk halts delivery.
 */
import { type Instant, seconds } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf, RelayError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { OutcomeEvent, Unwritten } from '../events/event.ts'
import type { Reply } from '../protocol/reply.ts'
import type { ReadyRecipient } from '../queue/ready-queue.ts'
import type { Spool } from '../spool/spool.ts'
import { expiredEvent } from './attempt-event.ts'

const FULL_DISK_WAIT = seconds(1)
const REPORT_ATTEMPTS = 3

/** A recipient that will not get its message, for the DSN. */
export interface Failure {
  readonly recipient: ReadyRecipient
  /** The last one; `null` where none was ever given. */
  readonly reply: Reply | null
  /** Whose words the reply is; `null` where it was our own decision. */
  readonly mx: string | null
  readonly because: 'bounced' | 'expired'
}

/**
 * Sends the DSNs that these failures owe to the message's submitter; resolves when they are durable. `false`: they cannot be
 * accepted now.
 */
export type ReportFailures = (failures: readonly Failure[]) => Promise<boolean>

export class OutcomeRecorder {
  readonly #spool: Spool
  readonly #reportFailures: ReportFailures
  readonly #clock: Clock
  readonly #log: Log
  readonly #node: string
  readonly #onDiskFailure: () => void

  constructor(options: {
    readonly spool: Spool
    readonly reportFailures: ReportFailures
    readonly clock: Clock
    readonly log: Log
    readonly node: string
    /** Called when outcomes cannot be recorded any more: delivery must stop. */
    readonly onDiskFailure: () => void
  }) {
    this.#spool = options.spool
    this.#reportFailures = options.reportFailures
    this.#clock = options.clock
    this.#log = options.log
    this.#node = options.node
    this.#onDiskFailure = options.onDiskFailure
  }

  /** Resolves when written. `false`: the disk failed, and nothing may be sent any more. */
  async record(events: readonly Unwritten<OutcomeEvent>[]): Promise<boolean> {
    for (;;) {
      try {
        await this.#spool.record(events)
        return true
      } catch (thrown) {
        // RLY_SPOOL_FULL passes when space comes back; anything else is final.
        if (!(thrown instanceof RelayError) || thrown.code !== 'RLY_SPOOL_FULL') {
          this.#log.error(
            { error: messageOf(thrown) },
            'outcomes cannot be recorded: delivery stops',
          )
          this.#onDiskFailure()
          return false
        }
        await this.#clock.sleep(FULL_DISK_WAIT)
      }
    }
  }

  /** For recipients that are over their age limit. */
  recordExpired(recipients: readonly ReadyRecipient[], now: Instant): Promise<boolean> {
    const events = recipients.map((recipient) => expiredEvent(recipient, this.#node, now))
    const failures = recipients.map((recipient) => ({
      recipient,
      reply: recipient.waiting.lastReply,
      mx: null,
      because: 'expired' as const,
    }))
    return this.recordReported(events, failures)
  }

  /**
   * Tells the submitter before the outcome is recorded. `false`: not possible now (a full disk), so that the
   * outcome should wait as well.
   */
  report(failures: readonly Failure[]): Promise<boolean> {
    return failures.length === 0 ? Promise.resolve(true) : this.#reportFailures(failures)
  }

  /** For outcomes that do not wait, an expiry or a person's word: reports are tried a few times. */
  async recordReported(
    events: readonly Unwritten<OutcomeEvent>[],
    failures: readonly Failure[],
  ): Promise<boolean> {
    for (let attempt = 1; !(await this.report(failures)); attempt++) {
      if (attempt === REPORT_ATTEMPTS) {
        const messages = [...new Set(failures.map(({ recipient }) => recipient.waiting.message.id))]
        this.#log.warn({ messages }, 'delivery reports could not be accepted and are not sent')
        break
      }
      await this.#clock.sleep(FULL_DISK_WAIT)
    }
    return this.record(events)
  }
}
