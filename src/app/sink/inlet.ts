// SPDX-License-Identifier: Apache-2.0
/**
 * What a peer sends, read in lines or in pieces of content, at our pace: nothing is taken from the socket
 * until somebody asks, so a flood waits in the kernel. Own code and not the relay's, so that the relay is
 * tested by somebody else's reading.
 */
import type { Socket } from 'node:net'

const EMPTY = Buffer.alloc(0)
const LF = 10
const CR = 13

/** A command line without its CRLF, or why there is none. */
export type LineRead =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'bare-line-end' }
  | { readonly kind: 'end' }

export class Inlet {
  readonly #socket: Socket
  #held: Buffer = EMPTY
  #resume: (() => void) | null = null
  #isEnded = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('readable', this.#wake)
    socket.on('end', this.#end)
    socket.on('close', this.#end)
  }

  /** Whether octets are here that nobody asked for yet: the peer pipelines. */
  get hasMore(): boolean {
    return this.#held.length > 0 || this.#socket.readableLength > 0
  }

  /** The next line; more than `limit` octets of it are read and thrown away. */
  async line(limit: number): Promise<LineRead> {
    let isTooLong = false
    for (;;) {
      const end = this.#held.indexOf(LF)
      if (end !== -1) {
        const line = this.#held.subarray(0, end)
        this.#held = this.#held.subarray(end + 1)
        if (isTooLong || line.length > limit) return { kind: 'too-long' }
        if (line.indexOf(CR) !== line.length - 1) return { kind: 'bare-line-end' }
        return { kind: 'line', text: line.toString('utf8', 0, line.length - 1) }
      }
      if (this.#held.length > limit) {
        isTooLong = true
        this.#held = EMPTY
      }
      const more = await this.#read()
      if (more === null) return { kind: 'end' }
      this.#held = this.#held.length === 0 ? more : Buffer.concat([this.#held, more])
    }
  }

  /** Some octets, at most `limit`; `null` where the peer has ended. */
  async some(limit: number): Promise<Buffer | null> {
    const octets = this.#held.length > 0 ? this.#held : await this.#read()
    if (octets === null) return null
    this.#held = octets.subarray(limit)
    return octets.subarray(0, limit)
  }

  /** Gives back what was read too far. */
  unread(octets: Buffer): void {
    this.#held = this.#held.length === 0 ? octets : Buffer.concat([octets, this.#held])
  }

  /** Throws away what has arrived. */
  discard(): void {
    this.#held = EMPTY
    while (this.#socket.read() !== null);
  }

  /** Leaves the socket to somebody else (TLS). */
  release(): void {
    this.#socket.off('readable', this.#wake)
    this.#socket.off('end', this.#end)
    this.#socket.off('close', this.#end)
  }

  readonly #wake = (): void => this.#resume?.()

  readonly #end = (): void => {
    this.#isEnded = true
    this.#wake()
  }

  async #read(): Promise<Buffer | null> {
    for (;;) {
      const octets: Buffer | null = this.#socket.read()
      if (octets !== null) return octets
      if (this.#isEnded || this.#socket.destroyed) return null
      await new Promise<void>((resolve) => {
        this.#resume = resolve
      })
      this.#resume = null
    }
  }
}
