// SPDX-License-Identifier: Apache-2.0
/**
 * What recipients reach, by HTTP or HTTPS: anybody may call, so everything is bounded and nothing is believed. It answers for names of
 * ours alone, whatever stands in Host. `/healthz`, for whoever checks that it lives, is answered at any name.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { DurationMs } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import { webLimits } from '../../base/limits/web-limits.ts'
import type { Log } from '../../base/log.ts'
import { cannotListen } from '../../base/port-refusal.ts'
import type { LinkHosts } from '../../records/domains/link-hosts.ts'
import { type PeerNetwork, peerAddress, peerNetwork } from '../../smtp/peer-address.ts'
import type { PeerNetworks } from '../../smtp/peer-networks.ts'
import type { ServerTls } from '../../smtp/server-tls.ts'
import { httpServer } from '../http/tls-server.ts'
import { sentence, type WebAnswer } from './web-answer.ts'
import { bodyOf, peerOf, type WebVisit } from './web-visit.ts'

export interface WebWay {
  /** Any rejection is our own trouble. */
  answer(visit: WebVisit): WebAnswer | Promise<WebAnswer>
}

export interface WebListenerOptions {
  readonly host: string
  readonly port: number
  /** Other processes of this relay listen on it too. */
  readonly sharesPort: boolean
  /** What is in force now; `null`: in the clear, behind a proxy. */
  readonly tls: (() => ServerTls) | null
  /** Whose `X-Forwarded-For` is believed. */
  readonly proxies: PeerNetworks
  readonly hosts: LinkHosts
  /** At once, at most; more are not taken. */
  readonly connections: number
  /** By the first segment of the path. */
  readonly ways: ReadonlyMap<string, WebWay>
  readonly log: Log
}

const methods = ['GET', 'HEAD', 'POST']

export class WebListener {
  readonly #options: WebListenerOptions
  readonly #server: Server
  readonly #connections = new Map<PeerNetwork, number>()
  #inHand = 0

  constructor(options: WebListenerOptions) {
    this.#options = options
    this.#server = httpServer(options.tls, (request, response) => this.#take(request, response), {
      maxHeaderSize: webLimits.headerOctets,
      headersTimeout: webLimits.headerTimeoutMs,
      requestTimeout: webLimits.requestTimeoutMs,
      connectionsCheckingInterval: webLimits.timeoutCheckMs,
      keepAliveTimeout: webLimits.keepAliveMs,
    })
    this.#server.maxConnections = options.connections
    this.#server.maxRequestsPerSocket = webLimits.requestsPerConnection
    this.#server.prependListener('connection', (socket) => this.#count(socket))
  }

  /** Requests that are being answered. */
  get sessions(): number {
    return this.#inHand
  }

  /** Throws `RLY_PORT_IN_USE`. Returns where it listens: a configured port 0 has become a real one. */
  listen(): Promise<readonly { readonly host: string; readonly port: number }[]> {
    const { host, log, port, sharesPort } = this.#options
    const server = this.#server
    return new Promise((resolve, reject) => {
      const refuse = (thrown: Error) => reject(cannotListen('web.address', host, port, thrown))
      server.once('error', refuse)
      server.listen({ host, port, exclusive: true, ...(sharesPort && { reusePort: true }) }, () => {
        server.off('error', refuse)
        // No file descriptor left, most likely: whoever comes is not taken, and the others go on.
        server.on('error', (thrown) =>
          log.warn({ error: thrown.message }, 'a visitor is not taken'),
        )
        const address = server.address()
        resolve([{ host, port: typeof address === 'object' && address ? address.port : port }])
      })
    })
  }

  /** Takes nothing new, and resolves when what is in hand is answered. */
  async drain(_deadline: DurationMs): Promise<void> {
    const ended = this.#end()
    this.#server.closeIdleConnections()
    await ended
  }

  async close(): Promise<void> {
    const ended = this.#end()
    this.#server.closeAllConnections()
    await ended
  }

  #end(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** One network alone shall not have them all. */
  #count(socket: Socket): void {
    const peer = peerAddress(socket.remoteAddress ?? '')
    if (this.#options.proxies.has(peer)) return
    const network = peerNetwork(peer)
    const open = (this.#connections.get(network) ?? 0) + 1
    if (open > webLimits.connectionsPerNetwork) {
      socket.destroy()
      return
    }
    this.#connections.set(network, open)
    socket.once('close', () => {
      const left = (this.#connections.get(network) ?? 1) - 1
      if (left === 0) this.#connections.delete(network)
      else this.#connections.set(network, left)
    })
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.#inHand++
    response.once('close', () => this.#inHand--)
    void this.#answerTo(request).then((answer) => send(request, response, answer))
  }

  /** Never rejects. */
  async #answerTo(request: IncomingMessage): Promise<WebAnswer> {
    const { hosts, log, proxies, ways } = this.#options
    const { headers, method = '', url = '' } = request
    if (url.length > webLimits.pathCharacters) return sentence(414, 'This link is too long')
    const [path = ''] = url.split('?', 1)
    if (path === '/healthz') return sentence(200, 'ok')
    const host = hosts.whose(headers.host ?? '')
    if (host === null)
      return sentence(421, 'Nothing is served here under this name', { connection: 'close' })
    const segments = path.split('/').slice(1)
    const way = ways.get(segments[0] ?? '')
    if (way === undefined) return sentence(404, 'There is nothing here')
    if (!methods.includes(method))
      return sentence(405, 'This cannot be done here', { allow: methods.join(', ') })
    const peer = peerOf(request, proxies)
    try {
      const body = () => bodyOf(request)
      return await way.answer({ method, path: segments, host, peer, headers, body })
    } catch (thrown) {
      // The client went away while it sent, or what keeps events is not there.
      log.warn({ error: messageOf(thrown), peer }, 'a request of a recipient could not be answered')
      return sentence(503, 'This cannot be done just now, try again later', { 'retry-after': '60' })
    }
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { body, fields, status }: WebAnswer,
): void {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { ...fields, 'content-length': length })
  response.end(request.method === 'HEAD' ? undefined : body)
}
