// SPDX-License-Identifier: Apache-2.0
/** The socket of a client, before and after STARTTLS: octets in, replies out, gathered so that a group is one write. */
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { SessionTls } from '../protocol/smtp/session-policy.ts'

export interface SocketOwner {
  onOctets(octets: Buffer): void
  /** The client says no more; it may still listen. */
  onEnd(): void
  /** Called once, at the very end. */
  onClose(): void
}

export class ServerSocket {
  readonly #owner: SocketOwner
  #socket: Socket
  #gathered = ''

  constructor(socket: Socket, owner: SocketOwner) {
    this.#owner = owner
    this.#socket = socket
    this.#attach(socket)
  }

  get isGone(): boolean {
    return this.#socket.destroyed
  }

  /** Octets that wait for `flush`. */
  get gathered(): number {
    return this.#gathered.length
  }

  say(words: string): void {
    this.#gathered += words
  }

  /** Writes what was said. `onDrain` is called later where the client does not read fast enough, else never. */
  flush(onDrain: () => void): boolean {
    if (this.#gathered === '' || this.#socket.destroyed) return true
    const isTaken = this.#socket.write(this.#gathered)
    this.#gathered = ''
    if (!isTaken) this.#socket.once('drain', onDrain)
    return isTaken
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Writes what was said, and what still comes in the clear is forgotten; then the handshake. */
  startTls(secureContext: SecureContext, onSecure: (tls: SessionTls) => void): void {
    const clear = this.#socket
    clear.off('data', this.#onData)
    clear.off('end', this.#onEnd)
    clear.write(this.#gathered, () => {
      if (clear.destroyed) return
      if (clear.readableEnded) {
        clear.destroy()
        return
      }
      clear.off('close', this.#onClose)
      const secure = new TLSSocket(clear, { isServer: true, secureContext })
      this.#socket = secure
      this.#attach(secure)
      // Who says no more before the handshake is over will not end it.
      const cut = (): void => void secure.destroy()
      secure.once('end', cut)
      secure.once('secure', () => {
        secure.off('end', cut)
        const version = secure.getProtocol() ?? 'unknown'
        onSecure({ version, cipher: secure.getCipher().name })
      })
    })
    this.#gathered = ''
  }

  /** Writes what was said, and says no more. Goes on reading, lest the connection be reset and our last words lost. */
  end(): void {
    this.#socket.end(this.#gathered)
    this.#gathered = ''
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  readonly #onData = (octets: Buffer): void => this.#owner.onOctets(octets)
  readonly #onEnd = (): void => this.#owner.onEnd()
  readonly #onClose = (): void => this.#owner.onClose()

  #attach(socket: Socket): void {
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
    // A reset, or a handshake that failed; `close` follows.
    socket.on('error', ignore)
  }
}

function ignore(): void {}
