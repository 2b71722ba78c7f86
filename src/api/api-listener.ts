// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP API for programs elsewhere, with keys, and for people who log in. `/api/v1/openapi.json` and, for people, `/api/v1/reference` describe it and need none. Cross-origin requests
 * by browsers are not allowed: no header says that they are.
 *
 * Beside several workers there are several of these: each worker answers what sends, at a port that they share, and passes all
 * else on to control's, which has a socket.
 */
import { type FastifyInstance, fastify } from 'fastify'
import type { DurationMs } from '../base/brand.ts'
import { httpLimits } from '../base/limits/http-limits.ts'
import { anonymousRequestsPerMinute } from '../base/limits/login-limits.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import type { ServerTls } from '../smtp/server-tls.ts'
import type { ApiContext } from './http/api-context.ts'
import { heedingContinue } from './http/continuing.ts'
import { Identification } from './http/identification.ts'
import { type ApiPlace, listenOn } from './http/listen.ts'
import { mount, sendProblem } from './http/mount.ts'
import { openApiDocument } from './http/openapi.ts'
import { asItCame, passOn } from './http/passed-request.ts'
import { problemWith } from './http/problem.ts'
import { RateWindows, type RequestRates } from './http/rate-windows.ts'
import { REFERENCE_POLICY, referencePage } from './http/reference-page.ts'
import { RequestGate } from './http/request-gate.ts'
import { API_PREFIX } from './http/route.ts'
import { httpServer } from './http/tls-server.ts'
import { withoutSchemas } from './http/without-schemas.ts'
import { routes, sendingRoutes } from './routes.ts'

export interface ApiListenerOptions {
  readonly context: ApiContext
  readonly log: Log
  readonly place: ApiPlace
  /** Proxies whose `X-Forwarded-For` is believed: addresses or networks. */
  readonly trustedProxies: readonly string[]
  /** What is in force now; `null`: in the clear. */
  readonly tls: (() => ServerTls) | null
  /** What requests bring is held in it. */
  readonly memory: MemoryBudget
  /** Of keys and people. */
  readonly rates: RequestRates
  /** Of the product, for the document. */
  readonly version: string
  /** The socket of whoever answers all but sending; `null`: this one answers everything. */
  readonly passesOnTo: string | null
}

export class ApiListener {
  readonly #app: FastifyInstance
  readonly #place: ApiPlace
  readonly #stopping = new AbortController()
  #inHand = 0
  #closed: Promise<undefined> | null = null

  constructor(options: ApiListenerOptions) {
    const { context, log, passesOnTo, place, tls, trustedProxies, version } = options
    this.#place = place
    this.#app = fastify({
      ...withoutSchemas,
      bodyLimit: httpLimits.bodyOctets,
      routerOptions: { maxParamLength: httpLimits.nameCharacters },
      trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
      serverFactory: (handler) => {
        const listener = place.kind === 'socket' ? asItCame(handler) : handler
        return heedingContinue(httpServer(tls, listener), listener)
      },
      // Who drains waits for what is in hand.
      forceCloseConnections: passesOnTo === null ? true : 'idle',
    })
    this.#app.addHook('onRequest', async (_request, reply) => {
      this.#inHand++
      reply.raw.once('close', () => this.#inHand--)
    })
    if (passesOnTo === null) describe(this.#app, version)
    else this.#passOn(passesOnTo)
    const { callerOf, gate } = doorOf(options)
    const served = passesOnTo === null ? routes : sendingRoutes
    mount(this.#app, served, { context, log, callerOf, hasBrowsers: true, gate })
  }

  /** Requests that are being answered. */
  get sessions(): number {
    return this.#inHand
  }

  /** Throws `RLY_PORT_IN_USE`. Returns where it listens: a configured port 0 has become a real one. */
  async listen(): Promise<readonly { readonly host: string; readonly port: number }[]> {
    return await listenOn(this.#app, 'api.address', this.#place)
  }

  /** Takes nothing new, and resolves when what is in hand is answered, or at the deadline. */
  async drain(_deadline: DurationMs): Promise<void> {
    this.#stopping.abort()
    await this.#end()
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    const ended = this.#end()
    this.#app.server.closeAllConnections()
    await ended
  }

  #end(): Promise<undefined> {
    this.#closed ??= this.#app.close()
    return this.#closed
  }

  /** Whatever is not answered here, unread. */
  #passOn(socketPath: string): void {
    this.#app.register((app, _options, done) => {
      app.removeAllContentTypeParsers()
      app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
      app.all('/*', (request, reply) => passOn(request, reply, socketPath, this.#stopping.signal))
      done()
    })
  }
}

/** The document and its page, made when somebody first asks, and an answer to what there is not. */
function describe(app: FastifyInstance, version: string): void {
  let document: ReturnType<typeof openApiDocument> | null = null
  let page: string | null = null
  const made = () => {
    document ??= openApiDocument(routes, version)
    return document
  }
  app.get(`${API_PREFIX}/openapi.json`, () => made())
  app.get(`${API_PREFIX}/reference`, (_request, answer) => {
    page ??= referencePage(made())
    return answer.type('text/html').header('content-security-policy', REFERENCE_POLICY).send(page)
  })
  app.setNotFoundHandler((request, answer) =>
    sendProblem(
      answer,
      problemWith('RLY_ROUTE_UNKNOWN', `there is no ${request.method} ${request.url} here`),
    ),
  )
}

function doorOf({ context, memory, rates }: ApiListenerOptions) {
  const { desk, directory, onGuessing, people, records, uses } = context
  const { clock } = records
  const identification = new Identification({
    ...{ directory, clock, onGuessing, uses },
    sessions: people.sessions,
  })
  const callerOf = identification.callerOf.bind(identification)
  const gate = new RequestGate({
    callerOf,
    rates,
    anonymousRates: new RateWindows(clock, anonymousRequestsPerMinute),
    memory,
    desk,
    clock,
  })
  return { callerOf, gate }
}
