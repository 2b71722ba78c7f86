// SPDX-License-Identifier: Apache-2.0
/** What workers borrow from: one for all of them, in the control process. See `lending.ts` for its states. */
import { type DurationMs, ms } from '../../base/brand.ts'
import { ConnectionLedger } from './connection-ledger.ts'
import type { LedgerAnswer, LedgerAsk } from './ledger-messages.ts'
import { ALONE, KNOWS_ALL, SILENCE } from './lending.ts'
import { RateLedger } from './rate-ledger.ts'

export class Ledger {
  readonly #workers: number
  readonly #connections: ConnectionLedger
  #rates: RateLedger
  #lendsFrom: DurationMs
  #heardAt: DurationMs

  constructor(workers: number, startedAt: DurationMs) {
    this.#workers = workers
    this.#connections = new ConnectionLedger(workers)
    this.#heardAt = startedAt
    this.#lendsFrom = ms(startedAt + KNOWS_ALL)
    this.#rates = this.#emptyRates()
  }

  /** `now`: monotonic. */
  ask(worker: number, { connections, rates }: LedgerAsk, now: DurationMs): LedgerAnswer {
    if (now - this.#heardAt > SILENCE) {
      this.#lendsFrom = ms(now + KNOWS_ALL)
      this.#rates = this.#emptyRates()
    }
    this.#heardAt = now
    const isLending = now >= this.#lendsFrom
    return {
      isLending,
      connections: this.#connections.ask(worker, connections, now, now >= this.#aloneUntil),
      rates: isLending ? this.#rates.ask(worker, rates, now) : [],
    }
  }

  /** A worker on its own may go on so long after it was last told that nobody lends. */
  get #aloneUntil(): DurationMs {
    return ms(this.#lendsFrom + ALONE)
  }

  #emptyRates(): RateLedger {
    return new RateLedger(this.#workers, this.#aloneUntil)
  }
}
