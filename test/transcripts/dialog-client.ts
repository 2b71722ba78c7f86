// SPDX-License-Identifier: Apache-2.0
/** A client that says octets in the pieces that it is given, and hears lines. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect as secure } from 'node:tls'

export class DialogClient {
  unread = ''
  #stream: Duplex
  #isOver = false
  #wake: () => void = () => {}

  static async open(port: number): Promise<DialogClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    await once(socket, 'connect')
    return new DialogClient(socket)
  }

  constructor(stream: Duplex) {
    this.#stream = stream
    this.#listen()
  }

  async say(pieces: Iterable<string>): Promise<void> {
    for (const piece of pieces) {
      if (this.#stream.writable) this.#stream.write(piece, 'latin1')
      await nextTurn()
    }
  }

  /** Without its end; `(closed)` where there is none any more. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.unread.indexOf('\r\n')
      if (end !== -1) {
        const line = this.unread.slice(0, end)
        this.unread = this.unread.slice(end + 2)
        return line
      }
      if (this.#isOver) return this.unread === '' ? '(closed)' : this.unread
      await this.#more()
    }
  }

  /** All that comes until the server ends. */
  async rest(): Promise<string> {
    while (!this.#isOver) await this.#more()
    return this.unread
  }

  /** Some turns of the event loop: what was said has been read. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await nextTurn()
  }

  async secure(): Promise<void> {
    this.#stream.removeAllListeners()
    const secured = secure({ socket: this.#stream, rejectUnauthorized: false })
    await once(secured, 'secureConnect')
    this.#stream = secured
    this.#listen()
  }

  end(): void {
    this.#stream.end()
  }

  destroy(): void {
    this.#stream.destroy()
    this.#finish()
  }

  #listen(): void {
    this.#stream.on('data', (octets: Buffer) => {
      this.unread += octets.toString('latin1')
      this.#wake()
    })
    // A reset is an end like any other.
    this.#stream.on('error', () => {})
    this.#stream.on('end', () => this.#finish())
    this.#stream.on('close', () => this.#finish())
  }

  #finish(): void {
    this.#isOver = true
    this.#wake()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
