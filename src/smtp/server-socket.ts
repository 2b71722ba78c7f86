// SPDX-License-Identifier: Apache-2.0
/** The socket of a client, before and after a handshake: octets in, replies out, gathered so that a group is one write. */
import type { Socket } from 'node:net'
import type { SessionTls } from '../protocol/smtp/session-policy.ts'
import type { ServerTls } from './server-tls.ts'

export interface SocketOwner {
  onOctets(octets: Buffer): void
  /** The client says no more; it may still listen. */
  onEnd(): void
  /** Called once, at the very end. */
  onClose(): void
}

export interface Handshake {
  readonly tls: ServerTls
  readonly onSecure: (tls: SessionTls) => void
}

export class ServerSocket {
  readonly #owner: SocketOwner
  #socket: Socket
  #gathered = ''

  /** `tlsFirst`: the handshake comes before anything is read. */
  constructor(socket: Socket, owner: SocketOwner, tlsFirst: Handshake | null) {
    this.#owner = owner
    this.#socket = socket
    if (tlsFirst === null) this.#attach(socket)
    else this.#shakeHands(tlsFirst)
    // What came before the owner was there, if it was put back.
    this.#socket.resume()
  }

  get isGone(): boolean {
    return this.#socket.destroyed
  }

  /** Octets that wait for `flush`. */
  get gathered(): number {
    return this.#gathered.length
  }

  /** Octets that were written and that the system has not taken. */
  get unsent(): number {
    return this.#socket.writableLength
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
  startTls(handshake: Handshake): void {
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
      this.#shakeHands(handshake)
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

  #shakeHands({ tls, onSecure }: Handshake): void {
    // Who says no more before the handshake is over will not end it.
    const cut = (): void => void secure.destroy()
    const secure = tls.secure(this.#socket, (facts) => {
      secure.off('end', cut)
      onSecure(facts)
    })
    secure.once('end', cut)
    this.#socket = secure
    this.#attach(secure)
  }

  #attach(socket: Socket): void {
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
    // A reset, or a handshake that failed; `close` follows.
    socket.on('error', ignore)
  }
}

function ignore(): void {}
