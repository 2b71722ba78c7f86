// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets in memory, so that a connection of ours can be led through a million dialogs: what is written is kept, what
 * comes is pushed by whoever plays the peer, and nothing happens by itself but the end of what was destroyed.
 */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

/** One write of ours, and how much we had been told by then. */
export interface Written {
  readonly octets: Buffer
  readonly heard: number
}

/** A connection, through its handshake: two ends, of which ours is a socket. */
export class Wire {
  readonly written: Written[] = []
  /** Octets that somebody listened to. */
  readonly heard: Buffer[] = []
  heardOctets = 0
  /** Said while nobody listened: before a handshake, or after the end. */
  unheardOctets = 0
  socket: MemorySocket
  /** Writes want to be waited for until `drain`. */
  isSlow = false
  hasEnded = false
  /** Called once the peer has agreed to the handshake that is asked for. */
  onSecure: (() => void) | null = null

  constructor() {
    this.socket = new MemorySocket(this)
  }

  /** A handshake begins: what follows goes by another socket over this one. */
  secure(onSecure: (socket: MemorySocket) => void): MemorySocket {
    const socket = new MemorySocket(this)
    this.socket = socket
    this.onSecure = () => onSecure(socket)
    return socket
  }

  get isGone(): boolean {
    return this.socket.destroyed
  }

  push(octets: Buffer): void {
    if (this.socket.listenerCount('data') === 0) {
      this.unheardOctets += octets.length
      return
    }
    this.heard.push(octets)
    this.heardOctets += octets.length
    this.socket.emit('data', octets)
  }

  /** The system has taken all that was written. */
  drain(): void {
    if (!this.socket.writableNeedDrain) return
    this.socket.writableNeedDrain = false
    this.socket.emit('drain')
  }

  /** The peer says no more. */
  end(): void {
    this.socket.readableEnded = true
    this.socket.emit('end')
  }

  /** All that we wrote. */
  get said(): Buffer {
    return Buffer.concat(this.written.map(({ octets }) => octets))
  }
}

export class MemorySocket extends EventEmitter {
  destroyed = false
  readableEnded = false
  writableNeedDrain = false
  readonly writableLength = 0
  isPaused = false
  readonly #wire: Wire

  constructor(wire: Wire) {
    super()
    this.#wire = wire
  }

  get asSocket(): Socket {
    return this as unknown as Socket
  }

  write(octets: Uint8Array | string, done?: () => void): boolean {
    if (this.#wire.hasEnded) throw new Error('something was said after the end')
    if (this.destroyed) return false
    this.#wire.written.push({ octets: Buffer.from(octets), heard: this.#wire.heardOctets })
    if (done) queueMicrotask(done)
    this.writableNeedDrain = this.#wire.isSlow
    return !this.writableNeedDrain
  }

  end(octets: string): void {
    if (octets !== '' && !this.destroyed) this.write(octets)
    this.#wire.hasEnded = true
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    queueMicrotask(() => this.emit('close'))
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  isSessionReused(): boolean {
    return false
  }
}

/** The octets in pieces of these lengths, over and over. */
export function* inPieces(octets: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < octets.length; turn++) {
    const length = lengths[turn % lengths.length] ?? octets.length
    yield octets.subarray(at, at + length)
    at += length
  }
}

/** Lets promises settle; nothing here waits for anything else. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await null
}
