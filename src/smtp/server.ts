// SPDX-License-Identifier: Apache-2.0
/**
 * Listens, and keeps a connection for each client within the limits of sessions. A client is who the connection comes
 * from, or whom a named load balancer (PROXY) or mail proxy (XCLIENT) says that it is; limits by address go by that.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { DurationMs } from '../base/brand.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import type { ServerLimits } from '../base/limits/limits.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import { cannotListen } from '../base/port-refusal.ts'
import type { Reply } from '../protocol/reply.ts'
import { serverReplies } from '../protocol/smtp/server-replies.ts'
import { type PeerNetwork, peerAddress, peerNetwork } from './peer-address.ts'
import type { PeerNetworks } from './peer-networks.ts'
import { ProxyPreface } from './proxy-preface.ts'
import { ServerConnection } from './server-connection.ts'
import type { SessionHandler } from './server-handler.ts'
import type { ServerTls } from './server-tls.ts'
import { SessionCounts } from './session-counts.ts'

export interface ListeningAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

export interface SmtpServerOptions<Identity> {
  readonly addresses: readonly ListeningAddress[]
  /** Other processes of this relay listen on the same ports; the kernel spreads clients over them. */
  readonly sharesPorts: boolean
  /** Said in the greeting and in the reply to EHLO. */
  readonly hostname: string
  /** What the configuration calls the addresses; for who must change them. */
  readonly addressKey: string
  readonly limits: ServerLimits
  /** That all sessions share. While it is scarce, no new one is taken. */
  readonly memory: MemoryBudget
  readonly wheel: DeadlineWheel
  readonly log: Log
  /** Asked at each handshake, so that certificates can be changed. `null`: not offered. */
  readonly tls: () => ServerTls | null
  readonly isImplicitTls: boolean
  /** Who must send a PROXY header. */
  readonly proxies: PeerNetworks
  /** Who may say XCLIENT. */
  readonly claimants: PeerNetworks
  /** A client has come from `address`. */
  readonly open: (address: string, mayClaimClient: boolean) => SessionHandler<Identity>
}

/** What listeners of every role are made with. */
export type ListenerOptions = Omit<SmtpServerOptions<never>, 'open'>

export class SmtpServer<Identity> {
  /** Since the start; also those that were refused, for their number or for want of memory. */
  sessionsTotal = 0
  sessionsRefused = 0
  readonly #options: SmtpServerOptions<Identity>
  readonly #servers: Server[] = []
  readonly #prefaces = new Set<ProxyPreface>()
  readonly #connections = new Set<ServerConnection<Identity>>()
  /** They hear 421 and go. */
  readonly #refused = new Set<ServerConnection<Identity>>()
  readonly #byNetwork: SessionCounts

  constructor(options: SmtpServerOptions<Identity>) {
    this.#options = options
    this.#byNetwork = new SessionCounts(options.limits.sessionsPerAddress)
  }

  /** Open now. */
  get sessions(): number {
    return this.#connections.size
  }

  /** Where it listens, in the order of the addresses. Throws `RLY_PORT_IN_USE` where a port cannot be had. */
  async listen(): Promise<readonly ListeningAddress[]> {
    const listening: ListeningAddress[] = []
    for (const address of this.#options.addresses) listening.push(await this.#listenOn(address))
    return listening
  }

  /** Takes no more clients, lets go of idle ones, and waits until open transactions have ended, at most `deadline`. */
  async drain(deadline: DurationMs): Promise<void> {
    const closed = this.#stopListening()
    for (const preface of this.#prefaces) preface.destroy()
    for (const connection of this.#connections) connection.leave(serverReplies.shuttingDown)
    const cut = this.#options.wheel.deadline(() => this.#cutAll())
    cut.set(deadline)
    await closed
    cut.end()
  }

  /** Asks of each client whether it may stay. */
  review(): void {
    for (const connection of this.#connections) connection.review()
  }

  /** Ends at once. */
  async close(): Promise<void> {
    const closed = this.#stopListening()
    this.#cutAll()
    await closed
  }

  #listenOn({ host, port }: ListeningAddress): Promise<ListeningAddress> {
    const { addressKey, sharesPorts } = this.#options
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#connected(socket),
    )
    return new Promise((resolve, reject) => {
      const refuse = (thrown: Error) => reject(cannotListen(addressKey, host, port, thrown))
      server.once('error', refuse)
      server.listen({ host, port, exclusive: true, reusePort: sharesPorts }, () => {
        server.off('error', refuse)
        server.on('error', (thrown) => this.#troubled(thrown))
        this.#servers.push(server)
        const bound = server.address()
        if (bound !== null && typeof bound === 'object')
          resolve({ host: bound.address, port: bound.port })
      })
    })
  }

  /** A client could not be taken: out of descriptors, most likely. Others go on. */
  #troubled(thrown: Error): void {
    this.#options.log.warn({ error: thrown.message }, 'a client could not be taken')
  }

  async #stopListening(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    )
    await Promise.all(closed)
  }

  #cutAll(): void {
    for (const preface of this.#prefaces) preface.destroy()
    for (const connection of [...this.#connections, ...this.#refused]) connection.destroy()
  }

  #connected(socket: Socket): void {
    const { limits, memory, proxies } = this.#options
    const address = peerAddress(socket.remoteAddress ?? '')
    this.sessionsTotal++
    if (this.#connections.size + this.#prefaces.size >= limits.sessions)
      this.#refuse(socket, address, serverReplies.tooManySessions)
    else if (memory.room !== 'ample') this.#refuse(socket, address, serverReplies.noRoomForSession)
    else if (proxies.has(address)) this.#awaitHeader(socket, address)
    else this.#enter(socket, address)
  }

  #awaitHeader(socket: Socket, balancer: string): void {
    const { limits, log, wheel } = this.#options
    const preface = new ProxyPreface(socket, {
      wheel,
      timeoutMs: limits.proxyHeaderTimeoutMs,
      onClient: (client) => {
        this.#prefaces.delete(preface)
        this.#enter(socket, client ?? balancer)
      },
      onFailure: (why) => {
        this.#prefaces.delete(preface)
        log.info({ address: balancer, why }, 'a load balancer sent no PROXY header')
      },
    })
    this.#prefaces.add(preface)
  }

  #enter(socket: Socket, address: string): void {
    const mayClaim = this.#options.claimants.has(address)
    // Of a mail proxy the clients that it claims are counted, each by its own address.
    let network: PeerNetwork | null = mayClaim ? null : peerNetwork(address)
    if (!this.#byNetwork.enter(network)) {
      this.#refuse(socket, address, serverReplies.tooManySessions)
      return
    }
    const connection = new ServerConnection(socket, {
      ...this.#options,
      handler: this.#options.open(address, mayClaim),
      refusal: null,
      claim: (claimed) => {
        this.#byNetwork.leave(network)
        network = peerNetwork(claimed)
        if (this.#byNetwork.enter(network)) return this.#options.open(claimed, mayClaim)
        this.sessionsRefused++
        network = null
        return null
      },
      onClosed: () => {
        this.#connections.delete(connection)
        this.#byNetwork.leave(network)
      },
    })
    this.#connections.add(connection)
  }

  #refuse(socket: Socket, address: string, refusal: Reply): void {
    this.sessionsRefused++
    if (this.#refused.size >= this.#options.limits.refusedSessions) {
      socket.destroy()
      return
    }
    const connection = new ServerConnection(socket, {
      ...this.#options,
      handler: this.#options.open(address, false),
      refusal,
      claim: () => null,
      onClosed: () => this.#refused.delete(connection),
    })
    this.#refused.add(connection)
  }
}
