// SPDX-License-Identifier: Apache-2.0
/** Listens on a port, and keeps a connection for each client within the limits of sessions. */
import { createServer, type Server, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { type DurationMs, ms } from '../base/brand.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import type { ServerLimits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { cannotListen } from '../base/port-refusal.ts'
import { serverReplies, wireReply } from '../protocol/smtp/server-replies.ts'
import { type PeerNetwork, peerAddress, peerNetwork } from './peer-address.ts'
import { ServerConnection } from './server-connection.ts'
import type { SessionHandler } from './server-handler.ts'

export interface SmtpServerOptions<Identity> {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Other processes of this relay listen on the same port; the kernel spreads clients over them. */
  readonly sharesPort: boolean
  /** Said in the greeting and in the reply to EHLO. */
  readonly hostname: string
  /** What the configuration calls the address; for who must change it. */
  readonly addressKey: string
  readonly limits: ServerLimits
  readonly wheel: DeadlineWheel
  readonly log: Log
  /** Asked at each STARTTLS, so that a certificate can be changed; of TLS 1.2 or later. `null`: not offered. */
  readonly secureContext: () => SecureContext | null
  /** A client has come from `address`. */
  readonly open: (address: string) => SessionHandler<Identity>
}

export interface ListeningAddress {
  readonly address: string
  readonly port: number
}

export class SmtpServer<Identity> {
  /** Since the start; also those that were refused for their number. */
  sessionsTotal = 0
  sessionsRefused = 0
  readonly #options: SmtpServerOptions<Identity>
  readonly #server: Server
  readonly #connections = new Set<ServerConnection<Identity>>()
  readonly #sessionsByNetwork = new Map<PeerNetwork, number>()

  constructor(options: SmtpServerOptions<Identity>) {
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#connected(socket),
    )
  }

  /** Open now. */
  get sessions(): number {
    return this.#connections.size
  }

  /** Throws `RLY_PORT_IN_USE` where the port cannot be had. */
  listen(): Promise<ListeningAddress> {
    const { addressKey, host, port, sharesPort } = this.#options
    return new Promise((resolve, reject) => {
      const refuse = (thrown: Error) => reject(cannotListen(addressKey, host, port, thrown))
      this.#server.once('error', refuse)
      this.#server.listen({ host, port, exclusive: true, reusePort: sharesPort }, () => {
        this.#server.off('error', refuse)
        this.#server.on('error', (thrown) => this.#troubled(thrown))
        const bound = this.#server.address()
        if (bound !== null && typeof bound === 'object')
          resolve({ address: bound.address, port: bound.port })
      })
    })
  }

  /** Takes no more clients, lets go of idle ones, and waits until open transactions have ended, at most `deadline`. */
  async drain(deadline: DurationMs): Promise<void> {
    const closed = this.#stopListening()
    for (const connection of this.#connections) connection.drain()
    const cut = this.#options.wheel.deadline(() => this.#cutAll())
    cut.set(deadline)
    await closed
    cut.clear()
  }

  /** Ends at once. */
  async close(): Promise<void> {
    const closed = this.#stopListening()
    this.#cutAll()
    await closed
  }

  /** A client could not be taken: out of descriptors, most likely. Others go on. */
  #troubled(thrown: Error): void {
    this.#options.log.warn({ error: thrown.message }, 'a client could not be taken')
  }

  #stopListening(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #cutAll(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  #connected(socket: Socket): void {
    const { limits } = this.#options
    const address = peerAddress(socket.remoteAddress ?? '')
    const network = peerNetwork(address)
    const sessions = this.#sessionsByNetwork.get(network) ?? 0
    this.sessionsTotal++
    if (this.#connections.size >= limits.sessions || sessions >= limits.sessionsPerAddress) {
      this.#refuse(socket)
      return
    }
    this.#sessionsByNetwork.set(network, sessions + 1)
    const connection = new ServerConnection(socket, {
      ...this.#options,
      handler: this.#options.open(address),
      onClosed: () => {
        this.#connections.delete(connection)
        this.#leftFrom(network)
      },
    })
    this.#connections.add(connection)
  }

  #leftFrom(network: PeerNetwork): void {
    const sessions = this.#sessionsByNetwork.get(network) ?? 0
    if (sessions > 1) this.#sessionsByNetwork.set(network, sessions - 1)
    else this.#sessionsByNetwork.delete(network)
  }

  #refuse(socket: Socket): void {
    this.sessionsRefused++
    const cut = this.#options.wheel.deadline(() => socket.destroy())
    cut.set(ms(this.#options.limits.lingerMs))
    // A reset of a client that we refuse is of no interest.
    socket.on('error', () => {})
    socket.on('close', () => cut.clear())
    socket.end(wireReply(serverReplies.tooManySessions))
    socket.resume()
  }
}
