// SPDX-License-Identifier: Apache-2.0
/**
 * Writes outcomes to the journal, and sends the DSN that one owes first: a crash in between may report
 * twice, never not at all. While the disk is full it waits, since each outcome that is not recorded
 * would be sent again; a failed disk halts delivery.
 */
import { type Instant, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { OutcomeEvent, Unwritten } from '../../events/event.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import type { Spool } from '../../spool/spool.ts'
import { expiredEvent } from './attempt-event.ts'
import { type Notice, noticeOfWait } from './notice.ts'

const FULL_DISK_WAIT = seconds(1)
const REPORT_ATTEMPTS = 3

/** Sends the DSNs that are owed for these; resolves when they are durable. `false`: they cannot be accepted now. */
export type SendReports = (notices: readonly Notice[]) => Promise<boolean>

export class OutcomeRecorder {
  readonly #spool: Spool
  readonly #sendReports: SendReports
  readonly #clock: Clock
  readonly #log: Log
  readonly #node: string
  readonly #onDiskFailure: () => void

  constructor(options: {
    readonly spool: Spool
    readonly sendReports: SendReports
    readonly clock: Clock
    readonly log: Log
    readonly node: string
    /** Called when outcomes cannot be recorded any more: delivery must stop. */
    readonly onDiskFailure: () => void
  }) {
    this.#spool = options.spool
    this.#sendReports = options.sendReports
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
    const notices = recipients.map((recipient) => noticeOfWait(recipient, { kind: 'expired' }))
    return this.recordReported(events, notices)
  }

  /**
   * Tells the submitter before the outcome is recorded. `false`: not possible now (a full disk), so that the
   * outcome should wait as well.
   */
  report(notices: readonly Notice[]): Promise<boolean> {
    return notices.length === 0 ? Promise.resolve(true) : this.#sendReports(notices)
  }

  /** For outcomes that do not wait, an expiry, a delay or a person's word: reports are tried a few times. */
  async recordReported(
    events: readonly Unwritten<OutcomeEvent>[],
    notices: readonly Notice[],
  ): Promise<boolean> {
    for (let attempt = 1; !(await this.report(notices)); attempt++) {
      if (attempt === REPORT_ATTEMPTS) {
        const messages = [...new Set(notices.map(({ recipient }) => recipient.waiting.message.id))]
        this.#log.warn({ messages }, 'delivery reports could not be accepted and are not sent')
        break
      }
      await this.#clock.sleep(FULL_DISK_WAIT)
    }
    return this.record(events)
  }
}
