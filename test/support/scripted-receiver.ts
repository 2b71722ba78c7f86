// SPDX-License-Identifier: Apache-2.0
/** A receiver that does, octet by octet, what its script says: for what well-behaved servers never do. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { Certificate } from '../../src/app/self-signed-certificate.ts'

/** Runs for each connection; its rejection is told by `close`. When it returns, the connection stays as it is. */
export type Script = (peer: ScriptedPeer) => Promise<void>

export class ScriptedPeer {
  /** Everything that the client sent on this connection, decoded as Latin-1; in the clear and over TLS. */
  received = ''
  /** Times that octets came in: how many writes the client made, at most. */
  reads = 0
  /** From 0. */
  readonly connection: number
  /** The address that was called. */
  readonly host: string
  #socket: Socket
  #at = 0
  #isOver = false
  #wake: (() => void) | null = null

  constructor(socket: Socket, connection: number) {
    this.connection = connection
    this.host = socket.localAddress ?? ''
    this.#socket = socket
    this.#listen(socket)
  }

  /** The next line without its end; `null` where the client has gone. */
  async readLine(): Promise<string | null> {
    return this.readUntil('\r\n')
  }

  /** What comes before `marker`, which is taken too; `null` where the client has gone. */
  async readUntil(marker: string): Promise<string | null> {
    for (;;) {
      const end = this.received.indexOf(marker, this.#at)
      if (end !== -1) {
        const text = this.received.slice(this.#at, end)
        this.#at = end + marker.length
        return text
      }
      if (this.#isOver) return null
      await this.#more()
    }
  }

  async readOctets(count: number): Promise<string | null> {
    while (this.received.length - this.#at < count) {
      if (this.#isOver) return null
      await this.#more()
    }
    this.#at += count
    return this.received.slice(this.#at - count, this.#at)
  }

  /** Resolves when the client has closed the connection. */
  async gone(): Promise<void> {
    while (!this.#isOver) await this.#more()
  }

  send(text: string): void {
    this.#socket.write(Buffer.from(text, 'latin1'))
  }

  /** In writes of `size` octets, each of which the system has taken before the next. */
  async sendInPieces(text: string, size: number): Promise<void> {
    const pieces: string[] = []
    for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size))
    await this.sendPieces(pieces)
  }

  /** Each in a write of its own, after the system has taken the one before. */
  async sendPieces(pieces: Iterable<string>): Promise<void> {
    for (const piece of pieces)
      await new Promise((resolve) => this.#socket.write(Buffer.from(piece, 'latin1'), resolve))
  }

  /** Ends the connection in order. */
  close(): void {
    this.#socket.end()
  }

  /** Ends it with RST. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** Stops reading: the client's writes stand. */
  pause(): void {
    this.#socket.pause()
  }

  /** The server's side of the handshake. With a context that connections share, clients can resume their sessions. */
  startTls(identity: Certificate | SecureContext): TLSSocket {
    this.#socket.removeAllListeners()
    this.#socket.on('error', () => {})
    const secureContext = 'context' in identity ? identity : createSecureContext(identity)
    const socket = new TLSSocket(this.#socket, { isServer: true, secureContext })
    this.#socket = socket
    this.#listen(socket)
    return socket
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.reads++
      this.received += chunk.toString('latin1')
      this.#wakeUp()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isOver = true
      this.#wakeUp()
    })
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = null
  }
}

export class ScriptedReceiver implements AsyncDisposable {
  readonly peers: ScriptedPeer[] = []
  readonly #servers: Server[] = []
  readonly #running: Promise<void>[] = []
  readonly #script: Script
  #port = 0

  private constructor(script: Script) {
    this.#script = script
  }

  /** Listens on `port`, by default a free one, the same at all `addresses`: each is a host of the site. */
  static async start(
    script: Script,
    addresses = ['127.0.0.1'],
    port = 0,
  ): Promise<ScriptedReceiver> {
    const receiver = new ScriptedReceiver(script)
    receiver.#port = port
    for (const address of addresses) await receiver.#listen(address)
    return receiver
  }

  get port(): number {
    return this.#port
  }

  /** Ends all connections; rejects where a script did. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.destroy()
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)))
    await Promise.all(this.#running)
    await Promise.all(closed)
  }

  async #listen(address: string): Promise<void> {
    const server = createServer((socket) => {
      const peer = new ScriptedPeer(socket, this.peers.length)
      this.peers.push(peer)
      this.#running.push(this.#script(peer))
    })
    this.#servers.push(server)
    await new Promise<void>((resolve) => server.listen(this.#port, address, resolve))
    this.#port = (server.address() as AddressInfo).port
  }
}
