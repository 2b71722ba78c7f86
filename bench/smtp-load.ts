// SPDX-License-Identifier: Apache-2.0
/**
 * The load of the hop benchmark, a process of its own. Closed: each connection sends its next message when the last was
 * answered, which measures how much goes through. Open: messages are due at moments that were drawn before the first was
 * sent, as submitters who know nothing of each other send, and their time runs from then, also while they wait for a
 * connection: a relay that stops for a moment is charged for all that came meanwhile. Started by `hop-rig.ts`.
 */
import { ms } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { SeededRandom } from '../src/base/random.ts'
import { Ring } from '../src/base/ring.ts'
import { LoadConnection, type LoadSource } from './load-connection.ts'
import { domainAt, type ReceiverGroup } from './receiver-groups.ts'
import { SampleMessage } from './sample-message.ts'

export interface LoadOrder {
  readonly port: number
  readonly messages: number
  readonly connections: number
  readonly octets: number
  /** Number of the first message. */
  readonly first: number
  /** Recipients are at its domains in turn. */
  readonly group: ReceiverGroup
  /** Messages a second, at moments of a Poisson process. `null`: closed. */
  readonly perSecond: number | null
}

export interface LoadResult {
  /** Got 250 after the content. */
  readonly accepted: number
  /** Refused, or the connection was lost. */
  readonly failed: number
  /** Wall clock, milliseconds. */
  readonly begunAt: number
  /** To the 250 after the content, from MAIL, or from the moment when it was due; ascending. */
  readonly acknowledgedMs: readonly number[]
  /** Open: from when a message was due to its MAIL, ascending. What this process, and too few connections, add. */
  readonly lateMs: readonly number[]
}

const clock = new SystemClock()
/** Open: after the last connection was greeted. */
const BEFORE_FIRST = ms(100)

abstract class Load implements LoadSource {
  protected readonly order: LoadOrder
  /** Messages that were given to a connection. */
  protected begun = 0
  /** When the time of each message began to run, on the monotonic clock. */
  protected readonly beginnings: Float64Array
  protected readonly lateMs: number[] = []
  readonly #message: SampleMessage
  readonly #acknowledgedMs: number[] = []
  readonly #begunAt = clock.now()
  readonly #onEnd: (result: LoadResult) => void
  #open: number

  constructor(order: LoadOrder, onEnd: (result: LoadResult) => void) {
    this.order = order
    this.beginnings = new Float64Array(order.messages)
    this.#message = new SampleMessage(order.octets)
    this.#onEnd = onEnd
    this.#open = order.connections
    for (let count = 0; count < order.connections; count++) new LoadConnection(this, order.port)
  }

  abstract free(connection: LoadConnection): void

  recipient(number: number): string {
    return `user${number}@${domainAt(this.order.group, number)}`
  }

  content(number: number): Buffer {
    return this.#message.copy(number)
  }

  acknowledged(number: number): void {
    const begun = this.beginnings[number - this.order.first] ?? 0
    this.#acknowledgedMs.push(clock.monotonic() - begun)
  }

  closed(): void {
    this.#open--
    if (this.#open > 0) return
    const accepted = this.#acknowledgedMs.length
    this.#onEnd({
      accepted,
      failed: this.order.messages - accepted,
      begunAt: this.#begunAt,
      acknowledgedMs: this.#acknowledgedMs.sort((one, other) => one - other),
      lateMs: this.lateMs.sort((one, other) => one - other),
    })
  }

  protected get open(): number {
    return this.#open
  }

  protected get isOver(): boolean {
    return this.begun === this.order.messages
  }

  protected sendNext(connection: LoadConnection): void {
    connection.send(this.order.first + this.begun++)
  }
}

class ClosedLoad extends Load {
  free(connection: LoadConnection): void {
    if (this.isOver) {
      connection.quit()
      return
    }
    this.beginnings[this.begun] = clock.monotonic()
    this.sendNext(connection)
  }
}

class OpenLoad extends Load {
  readonly #idle = new Ring<LoadConnection>()
  #isRunning = false

  free(connection: LoadConnection): void {
    this.#idle.push(connection)
    if (this.#isRunning) this.#sendDue()
    else this.#beginOnceAllAreIdle()
  }

  override closed(): void {
    super.closed()
    if (!this.#isRunning) this.#beginOnceAllAreIdle()
  }

  #beginOnceAllAreIdle(): void {
    if (this.#idle.size === this.open && this.open > 0) this.#begin()
  }

  /** All moments are drawn here. */
  #begin(): void {
    this.#isRunning = true
    const random = new SeededRandom(this.order.first)
    const meanGap = 1_000 / (this.order.perSecond ?? 1)
    let at = clock.monotonic() + BEFORE_FIRST
    for (let index = 0; index < this.order.messages; index++) {
      this.beginnings[index] = at
      at -= Math.log(1 - random.fraction()) * meanGap
    }
    this.#tick()
  }

  #tick(): void {
    this.#sendDue()
    if (this.isOver) return
    const due = this.beginnings[this.begun] ?? 0
    clock.after(ms(due - clock.monotonic()), () => this.#tick())
  }

  #sendDue(): void {
    while (this.#idle.size > 0) {
      const now = clock.monotonic()
      const due = this.beginnings[this.begun] ?? 0
      if (!this.isOver && due > now) return
      const connection = this.#idle.shift()
      if (this.isOver) connection?.quit()
      else if (connection) {
        this.lateMs.push(now - due)
        this.sendNext(connection)
      }
    }
  }
}

process.on('message', (order: LoadOrder) => {
  const onEnd = (result: LoadResult) => void process.send?.(result)
  if (order.perSecond === null) new ClosedLoad(order, onEnd)
  else new OpenLoad(order, onEnd)
})
