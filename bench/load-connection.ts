// SPDX-License-Identifier: Apache-2.0
/** One connection of the hop benchmark's load: it stays open, with one message at a time and one command at a time, no pipelining, no TLS. */
import { connect, type Socket } from 'node:net'

/** Who decides what a connection sends, and counts. */
export interface LoadSource {
  /** Asks for `send` now or later, or for `quit`. */
  free(connection: LoadConnection): void
  recipient(number: number): string
  content(number: number): Buffer
  /** 250 after the content. */
  acknowledged(number: number): void
  closed(): void
}

/** First digit of the good reply to each step. */
const wanted = {
  greeting: 2,
  ehlo: 2,
  idle: 0,
  mail: 2,
  rcpt: 2,
  data: 3,
  content: 2,
  reset: 2,
  quit: 2,
} as const

type Step = keyof typeof wanted

export class LoadConnection {
  readonly #source: LoadSource
  readonly #socket: Socket
  #step: Step = 'greeting'
  #number: number | null = null
  #held = ''

  constructor(source: LoadSource, port: number) {
    this.#source = source
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    // 'close' follows and counts.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => source.closed())
  }

  /** Only when it is free. */
  send(number: number): void {
    this.#number = number
    this.#say('mail', 'MAIL FROM:<news@sender.example>\r\n')
  }

  quit(): void {
    this.#say('quit', 'QUIT\r\n')
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
    const number = this.#number ?? 0
    switch (this.#step) {
      case 'greeting':
        this.#say('ehlo', 'EHLO load.example\r\n')
        break
      case 'mail':
        this.#say('rcpt', `RCPT TO:<${this.#source.recipient(number)}>\r\n`)
        break
      case 'rcpt':
        this.#say('data', 'DATA\r\n')
        break
      case 'data':
        this.#step = 'content'
        this.#socket.write(this.#source.content(number))
        break
      case 'content':
        this.#source.acknowledged(number)
        this.#rest()
        break
      case 'ehlo':
      case 'reset':
        this.#rest()
        break
      case 'quit':
        this.#socket.end()
    }
  }

  #rest(): void {
    this.#number = null
    this.#step = 'idle'
    this.#source.free(this)
  }

  /** The message is given up; a session that is no good at all is closed. */
  #fail(): void {
    const isHopeless = this.#number === null
    this.#number = null
    if (isHopeless) this.#socket.destroy()
    else this.#say('reset', 'RSET\r\n')
  }

  #say(step: Step, line: string): void {
    this.#step = step
    this.#socket.write(line, 'latin1')
  }
}
