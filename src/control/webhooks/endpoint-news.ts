// SPDX-License-Identifier: Apache-2.0
/** What an endpoint's sender has to tell the ledger: attempts for people to look at, and dead letters. */
import { callLimits } from '../../base/limits/webhook-limits.ts'
import type { EndpointAnswer } from './endpoint-caller.ts'
import type { DeadLetter, LoggedAttempt } from './webhook-ledger.ts'

export interface TakenNews {
  readonly attempts: readonly LoggedAttempt[]
  readonly dead: readonly DeadLetter[]
}

export class EndpointNews {
  #attempts: LoggedAttempt[] = []
  #dead: DeadLetter[] = []

  attempt(attempt: LoggedAttempt): void {
    this.#attempts.push(attempt)
    if (this.#attempts.length > callLimits.unwritten)
      this.#attempts = this.#attempts.slice(-callLimits.unwritten / 2)
  }

  /** At most as many as a line is long, in the time between two takes. */
  dead(letter: DeadLetter): void {
    this.#dead.push(letter)
  }

  take(): TakenNews {
    const taken = { attempts: this.#attempts, dead: this.#dead }
    this.#attempts = []
    this.#dead = []
    return taken
  }
}

export function loggedAttempt(
  about: Omit<LoggedAttempt, 'status' | 'answer' | 'why'>,
  answer: EndpointAnswer,
): LoggedAttempt {
  return answer.kind === 'failed'
    ? { ...about, status: null, answer: '', why: answer.why }
    : { ...about, status: answer.status, answer: answer.text, why: null }
}

/** In a few words. */
export function whatCame(answer: EndpointAnswer): string {
  return answer.kind === 'failed' ? answer.why : `it answered ${answer.status}`
}
