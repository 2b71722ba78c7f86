// SPDX-License-Identifier: Apache-2.0
/**
 * The load of the hop benchmark, a process of its own: connections that stay open, each with one message at a time
 * and one command at a time, no pipelining, no TLS. Started by `hop.ts`.
 */
import { connect, type Socket } from 'node:net'
import { SystemClock } from '../src/base/clock.ts'
import { SampleMessage } from './sample-message.ts'

export interface LoadOrder {
  readonly port: number
  readonly messages: number
  readonly connections: number
  readonly octets: number
  /** Number of the first message. */
  readonly first: number
}

export interface LoadResult {
  /** Got 250 after the content. */
  readonly accepted: number
  /** Refused, or the connection was lost. */
  readonly failed: number
  /** Wall clock, milliseconds. */
  readonly begunAt: number
  /** From MAIL to the 250 after the content, ascending. */
  readonly acknowledgedMs: readonly number[]
}

/** First digit of the good reply to each step. */
const wanted = {
  greeting: 2,
  ehlo: 2,
  mail: 2,
  rcpt: 2,
  data: 3,
  content: 2,
  reset: 2,
  quit: 2,
} as const

type Step = keyof typeof wanted

const clock = new SystemClock()

class LoadConnection {
  readonly #load: Load
  readonly #socket: Socket
  #step: Step = 'greeting'
  #number = 0
  #begun = 0
  #held = ''

  constructor(load: Load, port: number) {
    this.#load = load
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    // 'close' follows and counts.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => load.closed(this.#step))
  }

  #read(text: string): void {
    this.#held += text
    if (!this.#held.endsWith('\r\n')) return
    const before = this.#held.lastIndexOf('\r\n', this.#held.length - 3)
    const last = before === -1 ? this.#held : this.#held.slice(before + 2)
    if (last[3] === '-') return
    this.#held = ''
    this.#advance(last.charCodeAt(0) - 48)
  }

  /** With the first digit of the reply to the step. */
  #advance(kind: number): void {
    if (kind !== wanted[this.#step]) {
      this.#fail()
      return
    }
    switch (this.#step) {
      case 'greeting':
        this.#say('ehlo', 'EHLO load.example\r\n')
        break
      case 'mail':
        this.#say('rcpt', `RCPT TO:<user${this.#number}@receiver.example>\r\n`)
        break
      case 'rcpt':
        this.#say('data', 'DATA\r\n')
        break
      case 'data':
        this.#step = 'content'
        this.#socket.write(this.#load.content(this.#number))
        break
      case 'content':
        this.#load.acknowledged(clock.monotonic() - this.#begun)
        this.#next()
        break
      case 'ehlo':
      case 'reset':
        this.#next()
        break
      case 'quit':
        this.#socket.end()
    }
  }

  #next(): void {
    const number = this.#load.next()
    if (number === null) {
      this.#say('quit', 'QUIT\r\n')
      return
    }
    this.#number = number
    this.#begun = clock.monotonic()
    this.#say('mail', 'MAIL FROM:<news@sender.example>\r\n')
  }

  /** The message is given up; a session that is no good at all is closed. */
  #fail(): void {
    this.#load.failed++
    if (this.#step === 'greeting' || this.#step === 'reset') this.#socket.destroy()
    else this.#say('reset', 'RSET\r\n')
  }

  #say(step: Step, line: string): void {
    this.#step = step
    this.#socket.write(line, 'latin1')
  }
}

class Load {
  failed = 0
  readonly #order: LoadOrder
  readonly #message: SampleMessage
  readonly #acknowledgedMs: number[] = []
  readonly #onEnd: (result: LoadResult) => void
  readonly #begunAt = clock.now()
  #next: number
  #open: number

  constructor(order: LoadOrder, onEnd: (result: LoadResult) => void) {
    this.#order = order
    this.#message = new SampleMessage(order.octets)
    this.#next = order.first
    this.#open = order.connections
    this.#onEnd = onEnd
    for (let count = 0; count < order.connections; count++) new LoadConnection(this, order.port)
  }

  next(): number | null {
    return this.#next < this.#order.first + this.#order.messages ? this.#next++ : null
  }

  content(number: number): Buffer {
    return this.#message.copy(number)
  }

  acknowledged(afterMs: number): void {
    this.#acknowledgedMs.push(afterMs)
  }

  closed(step: Step): void {
    if (step !== 'quit') this.failed++
    this.#open--
    if (this.#open > 0) return
    this.#onEnd({
      accepted: this.#acknowledgedMs.length,
      failed: this.failed,
      begunAt: this.#begunAt,
      acknowledgedMs: this.#acknowledgedMs.sort((a, b) => a - b),
    })
  }
}

process.on('message', (order: LoadOrder) => {
  new Load(order, (result) => process.send?.(result))
})
