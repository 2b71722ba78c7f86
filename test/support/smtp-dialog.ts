// SPDX-License-Identifier: Apache-2.0
/** A client that says exactly what a test wants, octet by octet, and reads one whole reply at a time. */
import type { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

export class SmtpDialog implements AsyncDisposable {
  #socket: Socket
  #received = ''
  #isClosed = false
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  /** Connected, from `localAddress` where that is given; the greeting is the first reply to read. */
  static async open(port: number, host = '127.0.0.1', localAddress?: string): Promise<SmtpDialog> {
    const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) })
    await once(socket, 'connect')
    return new SmtpDialog(socket)
  }

  /** The handshake comes first. Whatever `options` do not say, the certificate is not looked at. */
  static async openTls(port: number, options: ConnectionOptions = {}): Promise<SmtpDialog> {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
    await once(socket, 'secureConnect')
    return new SmtpDialog(socket)
  }

  /** Whatever `text` has, nothing is added. */
  send(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  /** A line, and the reply to it. */
  async say(line: string): Promise<string> {
    this.send(`${line}\r\n`)
    return await this.reply()
  }

  /** The lines of the next reply, joined by LF; `(closed)` where the peer has closed instead. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.#received)
      if (match) {
        this.#received = this.#received.slice(match[0].length)
        return match[0].replaceAll('\r', '').trimEnd()
      }
      if (this.#isClosed) return '(closed)'
      await this.#more()
    }
  }

  /** Whether nothing has come, now that everything that was under way on this machine has. */
  async isSilent(): Promise<boolean> {
    for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate)
    return this.#received === '' && !this.#isClosed
  }

  /** All that comes until the peer closes. */
  async rest(): Promise<string> {
    while (!this.#isClosed) await this.#more()
    return this.#received
  }

  /** After 220 to STARTTLS: the common name in the server's certificate. */
  async peerName(): Promise<string> {
    await this.secure()
    const { subject } = (this.#socket as TLSSocket).getPeerCertificate()
    return String(subject.CN)
  }

  /** The server's, once there is TLS. */
  get peerCertificate(): X509Certificate {
    const certificate = (this.#socket as TLSSocket).getPeerX509Certificate()
    if (certificate === undefined) throw new Error('there is no TLS')
    return certificate
  }

  /** After 220 to STARTTLS: the negotiated version. The certificate is not looked at. */
  async secure(options: ConnectionOptions = {}): Promise<string | null> {
    this.#socket.removeAllListeners()
    const secured = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...options })
    await once(secured, 'secureConnect')
    this.#socket = secured
    this.#listen()
    return secured.getProtocol()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.rest()
  }

  #listen(): void {
    this.#socket.on('data', (octets: Buffer) => {
      this.#received += octets.toString('latin1')
      this.#wake()
    })
    // A reset is an end like any other; 'close' follows.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
