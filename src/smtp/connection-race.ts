// SPDX-License-Identifier: Apache-2.0
/**
 * One connection to a host that has several addresses, after Happy Eyeballs (RFC 8305 §5): they are called in order, the next one
 * when the one before has failed or has not answered for a while; the first to answer is kept, and the others are hung up on.
 *
 *     first  ├───────── no answer ────────────╌╌╌ hung up
 *     second           ├── answers ▶ kept
 */
import { ms } from '../base/brand.ts'
import type { Deadline } from '../base/deadline-wheel.ts'
import { ClientConnection, type Dial, type Loss } from './client-connection.ts'

export interface RaceResult {
  readonly winner: ClientConnection | null
  readonly losses: readonly { readonly dial: Dial; readonly loss: Loss }[]
  /** Called before the winner, and silent until it had answered. */
  readonly overtaken: readonly Dial[]
}

/** `dials`: at least one, all under one `abort`. Where it aborts, all are lost. Never rejects. */
export function firstToAnswer(dials: readonly Dial[]): Promise<RaceResult> {
  return new Promise((resolve) => new Race(dials, resolve).next())
}

class Race {
  readonly #dials: readonly Dial[]
  readonly #resolve: (result: RaceResult) => void
  readonly #running = new Set<ClientConnection>()
  readonly #losses: { readonly dial: Dial; readonly loss: Loss }[] = []
  readonly #wait: Deadline | null
  #called = 0
  #isOver = false

  constructor(dials: readonly Dial[], resolve: (result: RaceResult) => void) {
    this.#dials = dials
    this.#resolve = resolve
    const [first] = dials
    this.#wait = first && dials.length > 1 ? first.wheel.deadline(() => this.next()) : null
  }

  /** Calls the next one, if there is one. */
  next(): void {
    const dial = this.#dials[this.#called]
    if (dial === undefined) return
    this.#called++
    const isLast = this.#called === this.#dials.length
    if (isLast) this.#wait?.clear()
    else this.#wait?.set(ms(dial.limits.nextAddressAfterMs))
    const connection = new ClientConnection(dial)
    this.#running.add(connection)
    void connection.connected().then((loss) => this.#ended(connection, loss))
  }

  #ended(connection: ClientConnection, loss: Loss | null): void {
    if (this.#isOver) return
    this.#running.delete(connection)
    const { dial } = connection
    if (loss !== null) {
      this.#losses.push({ dial, loss })
      if (!dial.abort.isAborted) this.next()
    }
    if (loss === null) this.#finish(connection)
    else if (this.#running.size === 0) this.#finish(null)
  }

  #finish(winner: ClientConnection | null): void {
    this.#isOver = true
    this.#wait?.end()
    const overtaken = [...this.#running].map(({ dial }) => dial)
    for (const slower of this.#running)
      slower.lose('aborted', 'another address of the host answered first')
    this.#resolve({ winner, losses: this.#losses, overtaken })
  }
}
