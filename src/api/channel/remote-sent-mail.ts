// SPDX-License-Identifier: Apache-2.0
/** What was sent, asked of the process that has the search view. */
import { seconds } from '../../base/brand.ts'
import { type Clock, deadlineSignal } from '../../base/clock.ts'
import type { GuessedMail, ReportedMail, SentMailIndex } from '../../feedback/reported-mail.ts'
import { ControlClient } from '../control-client.ts'
import { messages } from './messages.ts'

/** Whoever brings the report waits for its 250 meanwhile. */
const PATIENCE = seconds(1)

export class RemoteSentMail implements SentMailIndex {
  readonly #client: ControlClient
  readonly #clock: Clock

  constructor(socketFile: string, clock: Clock) {
    this.#client = new ControlClient(socketFile)
    this.#clock = clock
  }

  async find(about: ReportedMail): Promise<GuessedMail | null> {
    const signal = deadlineSignal(this.#clock, PATIENCE)
    const { mail } = await this.#client.ask(messages.sentMail, about, signal)
    return mail
  }
}
