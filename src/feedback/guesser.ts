// SPDX-License-Identifier: Apache-2.0
/**
 * Asks who knows what was sent about reports that prove nothing: few at once, and only so many of each network and of all, so that strangers
 * cannot keep the search view busy. Without an answer in time there is no guess.
 */
import { seconds } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import type { Log } from '../base/log.ts'
import { TtlCache } from '../base/ttl-cache.ts'
import type { ReadReport } from '../protocol/report/report-facts.ts'
import { PeerAllowance } from './peer-allowance.ts'
import { type GuessedMail, reportedMailIn, type SentMailIndex } from './reported-mail.ts'

/** The search view has what was recorded by then. */
const SEARCH_LAG = seconds(10)

export class Guesser {
  readonly #index: SentMailIndex
  readonly #log: Log
  readonly #allowance: PeerAllowance
  /** What was found just now, which the search view may not have yet. */
  readonly #found: TtlCache<true>
  #asked = 0

  constructor(index: SentMailIndex, clock: Clock, log: Log) {
    const { guessesPerHour, guessesPerPeerHour } = feedbackLimits
    this.#index = index
    this.#log = log
    this.#found = new TtlCache(clock, feedbackLimits.guessesPerHour)
    this.#allowance = new PeerAllowance(clock, {
      ofPeerAnHour: guessesPerPeerHour,
      ofAllAnHour: guessesPerHour,
    })
  }

  /** Which message `peer` may mean; `null`: nobody can tell, or it is not asked. Never rejects. */
  async guess(report: ReadReport, peer: string): Promise<GuessedMail | null> {
    const about = reportedMailIn(report)
    if (about === null || this.#asked >= feedbackLimits.guessesAtOnce) return null
    if (!this.#allowance.charge(peer, 1)) return null
    this.#asked++
    try {
      const mail = await this.#index.find(about)
      const name = mail && `${mail.messageId} ${mail.recipientIndex} ${about.kind}`
      if (name === null || this.#found.get(name) !== null) return null
      this.#found.set(name, true, SEARCH_LAG)
      return mail
    } catch (thrown) {
      // Control is away, or too many search.
      this.#log.debug({ error: messageOf(thrown) }, 'what a report is about cannot be guessed now')
      return null
    } finally {
      this.#asked--
    }
  }
}
