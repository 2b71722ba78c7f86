// SPDX-License-Identifier: Apache-2.0
/**
 * The first octets of a connection from a load balancer: its PROXY header, which must come whole within a bound of time
 * and octets. What came after it stays in the socket.
 */
import type { Socket } from 'node:net'
import { ms } from '../base/brand.ts'
import type { Deadline, DeadlineWheel } from '../base/deadline-wheel.ts'
import { readProxyHeader } from '../protocol/proxy-header.ts'

export interface PrefaceOptions {
  readonly wheel: DeadlineWheel
  readonly timeoutMs: number
  /** The header is read; `client` is `null` where the balancer speaks for itself. */
  readonly onClient: (client: string | null) => void
  /** There is no header, and the connection is no more. */
  readonly onFailure: (why: string) => void
}

export class ProxyPreface {
  readonly #socket: Socket
  readonly #options: PrefaceOptions
  readonly #deadline: Deadline
  #input = Buffer.alloc(0)

  constructor(socket: Socket, options: PrefaceOptions) {
    this.#socket = socket
    this.#options = options
    this.#deadline = options.wheel.deadline(() => this.#fail('it did not come in time'))
    this.#deadline.set(ms(options.timeoutMs))
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onEnd)
  }

  destroy(): void {
    this.#fail('the listener ends')
  }

  readonly #onData = (octets: Buffer): void => {
    this.#input = Buffer.concat([this.#input, octets])
    const header = readProxyHeader(this.#input)
    if (header.kind === 'invalid') this.#fail(header.why)
    if (header.kind !== 'header') return
    this.#leave()
    this.#socket.pause()
    const rest = this.#input.subarray(header.octets)
    if (rest.length > 0) this.#socket.unshift(rest)
    this.#options.onClient(header.client)
  }

  readonly #onEnd = (): void => this.#fail('the connection ended before it')

  #fail(why: string): void {
    this.#leave()
    // A reset that comes still is of no interest.
    this.#socket.on('error', () => {})
    this.#socket.destroy()
    this.#options.onFailure(why)
  }

  #leave(): void {
    this.#deadline.end()
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onEnd)
    this.#socket.off('error', this.#onEnd)
  }
}
