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
import { ClientConnection, type Dial } from './client-connection.ts'
import type { Loss } from './loss.ts'

export interface RaceResult {
  readonly winner: ClientConnection | null
  readonly losses: readonly { readonly dial: Dial; readonly loss: Loss }[]
  /** Called before the winner, and silent until it had answered. Of those called after it nothing is known. */
  readonly overtaken: readonly Dial[]
}

/**
 * How many addresses all races together may call beside another one. Each is an open file for a while, though its race is for one
 * connection and counts as that. Where none is left, the next address is called when the one before has failed.
 */
export class SpareCalls {
  #left: number

  constructor(most: number) {
    this.#left = most
  }

  get left(): number {
    return this.#left
  }

  take(): boolean {
    if (this.#left === 0) return false
    this.#left--
    return true
  }

  giveBack(): void {
    this.#left++
  }
}

/** `dials`: at least one, all under one `abort`. Where it aborts, all are lost. Never rejects. */
export function firstToAnswer(dials: readonly Dial[], spare: SpareCalls): Promise<RaceResult> {
  return new Promise((resolve) => new Race(dials, spare, resolve).next())
}

class Race {
  readonly #dials: readonly Dial[]
  readonly #spare: SpareCalls
  readonly #resolve: (result: RaceResult) => void
  /** In the order in which they were called; all but one of them are spare calls. */
  readonly #running = new Set<ClientConnection>()
  readonly #losses: { readonly dial: Dial; readonly loss: Loss }[] = []
  readonly #wait: Deadline | null
  #called = 0
  #isOver = false

  constructor(dials: readonly Dial[], spare: SpareCalls, resolve: (result: RaceResult) => void) {
    this.#dials = dials
    this.#spare = spare
    this.#resolve = resolve
    const [first] = dials
    this.#wait = first && dials.length > 1 ? first.wheel.deadline(() => this.next()) : null
  }

  /** Calls the next one, if there is one. */
  next(): void {
    const dial = this.#dials[this.#called]
    if (dial === undefined) return
    const isCalled = this.#running.size === 0 || this.#spare.take()
    if (isCalled) this.#called++
    if (this.#called < this.#dials.length) this.#wait?.set(ms(dial.limits.nextAddressAfterMs))
    else this.#wait?.clear()
    if (isCalled) this.#call(dial)
  }

  #call(dial: Dial): void {
    const connection = new ClientConnection(dial)
    this.#running.add(connection)
    void connection.connected().then((loss) => this.#ended(connection, loss))
  }

  #ended(connection: ClientConnection, loss: Loss | null): void {
    if (this.#isOver) return
    if (loss === null) {
      this.#finish(connection)
      return
    }
    const { dial } = connection
    this.#losses.push({ dial, loss })
    this.#hasGone(connection)
    // By a proxy that does not take us no address is reached.
    if (!dial.abort.isAborted && loss.cause !== 'hop') this.next()
    if (this.#running.size === 0) this.#finish(null)
  }

  #finish(winner: ClientConnection | null): void {
    this.#isOver = true
    this.#wait?.end()
    const others = [...this.#running]
    const overtaken = winner === null ? [] : others.slice(0, others.indexOf(winner))
    for (const other of others) {
      if (other === winner) continue
      other.lose('aborted', 'another address of the host answered first')
      this.#hasGone(other)
    }
    this.#resolve({ winner, losses: this.#losses, overtaken: overtaken.map(({ dial }) => dial) })
  }

  #hasGone(connection: ClientConnection): void {
    this.#running.delete(connection)
    if (this.#running.size > 0) this.#spare.giveBack()
  }
}
