// SPDX-License-Identifier: Apache-2.0
/**
 * The load of the depth benchmark, a process of its own: messages of several recipients, each at a domain of a group,
 * drawn with equal chance. Envelope and DATA go out in one write (RFC 2920), then the content. Started by `depth-run.ts`.
 */
import { connect, type Socket } from 'node:net'
import { SystemClock } from '../src/base/clock.ts'
import { type Random, SeededRandom } from '../src/base/random.ts'
import { domainAt, type ReceiverGroup } from './receiver-groups.ts'
import { SampleMessage } from './sample-message.ts'

export interface DepthOrder {
  readonly port: number
  readonly messages: number
  readonly recipients: number
  readonly connections: number
  readonly octets: number
  /** Number of the first message. */
  readonly first: number
  readonly group: ReceiverGroup
  /** Each domain after the other; else they are drawn. */
  readonly isInTurn?: boolean
}

/** Sent again and again while it runs, and at the end. */
export interface DepthProgress {
  readonly accepted: number
  readonly failed: number
  readonly isOver: boolean
  /** Milliseconds since the first connection. */
  readonly elapsed: number
}

const REPORT_EVERY = 500

const clock = new SystemClock()

class Load {
  readonly #order: DepthOrder
  readonly #message: SampleMessage
  readonly #random: Random
  readonly #begun = clock.monotonic()
  #next: number
  #open: number
  #accepted = 0
  #failed = 0

  constructor(order: DepthOrder) {
    this.#order = order
    this.#message = new SampleMessage(order.octets)
    this.#random = new SeededRandom(order.first)
    this.#next = order.first
    this.#open = order.connections
    for (let count = 0; count < order.connections; count++) new LoadConnection(this, order.port)
  }

  /** Number, envelope, or `null` at the end. */
  next(): { readonly number: number; readonly envelope: string; readonly replies: number } | null {
    const { first, messages, recipients, group } = this.#order
    if (this.#next === first + messages) return null
    const number = this.#next++
    let envelope = 'MAIL FROM:<news@sender.example>\r\n'
    for (const domain of this.#domains(number - first))
      envelope += `RCPT TO:<user${number}@${domainAt(group, domain)}>\r\n`
    return { number, envelope: `${envelope}DATA\r\n`, replies: recipients + 2 }
  }

  /** One for each recipient, none twice: the relay would take the second for the first again. */
  #domains(message: number): Iterable<number> {
    const { recipients, group, isInTurn } = this.#order
    const domains = new Set<number>()
    const isDrawn = isInTurn !== true && recipients < group.domains
    for (let index = 0; domains.size < recipients; index++)
      domains.add(
        isDrawn
          ? Math.floor(this.#random.fraction() * group.domains)
          : message * recipients + index,
      )
    return domains
  }

  content(number: number): Buffer {
    return this.#message.copy(number)
  }

  count(isAccepted: boolean): void {
    if (isAccepted) this.#accepted++
    else this.#failed++
    if ((this.#accepted + this.#failed) % REPORT_EVERY === 0) this.#report(false)
  }

  closed(): void {
    if (--this.#open === 0) this.#report(true)
  }

  #report(isOver: boolean): void {
    const missing = isOver ? this.#order.messages - this.#accepted - this.#failed : 0
    process.send?.({
      accepted: this.#accepted,
      failed: this.#failed + missing,
      isOver,
      elapsed: clock.monotonic() - this.#begun,
    } satisfies DepthProgress)
  }
}

/** greeting ▸ EHLO ▸ (envelope ▸ content)… ▸ QUIT. A refused recipient fails its message. */
class LoadConnection {
  readonly #load: Load
  readonly #socket: Socket
  #held = ''
  /** Replies that must come before the next step. */
  #awaited = 1
  #step: () => void = () => this.#say('EHLO load.example\r\n', () => this.#next())

  constructor(load: Load, port: number) {
    this.#load = load
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    // 'close' follows; what is missing is counted as failed at the end.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => load.closed())
  }

  #read(text: string): void {
    this.#held += text
    for (let end = this.#held.indexOf('\r\n'); end !== -1; end = this.#held.indexOf('\r\n')) {
      const line = this.#held.slice(0, end)
      this.#held = this.#held.slice(end + 2)
      if (line[3] === '-') continue
      if (line > '4') {
        this.#load.count(false)
        this.#socket.destroy()
        return
      }
      if (--this.#awaited === 0) this.#step()
    }
  }

  #next(): void {
    const message = this.#load.next()
    if (message === null) {
      this.#say('QUIT\r\n', () => this.#socket.end())
      return
    }
    this.#say(message.envelope, () => this.#content(message.number), message.replies)
  }

  #content(number: number): void {
    this.#step = () => {
      this.#load.count(true)
      this.#next()
    }
    this.#awaited = 1
    this.#socket.write(this.#load.content(number))
  }

  #say(text: string, step: () => void, replies = 1): void {
    this.#step = step
    this.#awaited = replies
    this.#socket.write(text, 'latin1')
  }
}

process.on('message', (order: DepthOrder) => {
  new Load(order)
})
