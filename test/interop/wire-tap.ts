// SPDX-License-Identifier: Apache-2.0
/** Passes octets on between a client and a server, and remembers what each said in the clear. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class WireTap implements AsyncDisposable {
  /** Since `forget`, of all connections, as Latin-1. */
  said = ''
  heard = ''
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>

  static async open(to: () => number): Promise<WireTap> {
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (client) => {
      tap.#join(client, connect({ port: to(), host: '127.0.0.1', allowHalfOpen: true }))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tap = new WireTap(server, sockets)
    return tap
  }

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  forget(): void {
    this.said = ''
    this.heard = ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #join(client: Socket, server: Socket): void {
    client.on('data', (octets) => {
      this.said += octets.toString('latin1')
    })
    server.on('data', (octets) => {
      this.heard += octets.toString('latin1')
    })
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroySoon()
      })
    }
  }
}
