// SPDX-License-Identifier: Apache-2.0
/** Tells of mail that a gate lets pass with a warning: the first of a kind at once, those that follow as a number, now and then. */
import type { Clock } from '../../base/clock.ts'
import { gateLimits } from '../../base/limits/gate-limits.ts'
import type { GateCheck } from '../../events/gate-check.ts'
import type { SendingDomain, Stream } from '../../records/records.ts'
import { gateSentence } from './gate-texts.ts'

/** One sentence with the numbers. */
export type OnWarning = (text: string, tenant: string) => void

interface Told {
  at: number
  untold: number
}

export class GateNotice {
  readonly #clock: Clock
  readonly #onWarning: OnWarning
  /** In the order in which they were first told. */
  readonly #told = new Map<string, Told>()

  constructor(clock: Clock, onWarning: OnWarning) {
    this.#clock = clock
    this.#onWarning = onWarning
  }

  tell(stream: Stream, domain: SendingDomain, failed: readonly [GateCheck, ...GateCheck[]]): void {
    const now = this.#clock.monotonic()
    const key = `${stream.tenant} ${stream.name} ${domain.name} ${failed.join()}`
    const told = this.#told.get(key)
    if (told !== undefined && now - told.at < gateLimits.noticePauseMs) {
      told.untold++
      return
    }
    const others = told === undefined || told.untold === 0 ? '' : ` and ${told.untold} before`
    this.#remember(key, now)
    const [first] = failed
    this.#onWarning(
      `a message of stream ${stream.name} from ${domain.name}${others} would not pass a gate that rejects, by ${failed.join(', ')}: ${gateSentence(first, domain)}`,
      stream.tenant,
    )
  }

  #remember(key: string, at: number): void {
    this.#told.delete(key)
    if (this.#told.size >= gateLimits.notices) {
      const oldest = this.#told.keys().next()
      if (!oldest.done) this.#told.delete(oldest.value)
    }
    this.#told.set(key, { at, untold: 0 })
  }
}
