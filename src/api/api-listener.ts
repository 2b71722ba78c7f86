// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP API for programs elsewhere, with keys, and for people who log in. `/api/v1/openapi.json` and, for people, `/api/v1/reference` describe it and need none. Cross-origin requests
 * by browsers are not allowed: no header says that they are.
 */
import { type FastifyInstance, fastify } from 'fastify'
import { httpLimits } from '../base/http-limits.ts'
import type { Log } from '../base/log.ts'
import { anonymousRequestsPerMinute } from '../base/login-limits.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import type { ServerTls } from '../smtp/server-tls.ts'
import type { ApiContext } from './http/api-context.ts'
import { Identification } from './http/identification.ts'
import { listenOn } from './http/listen.ts'
import { mount, sendProblem } from './http/mount.ts'
import { openApiDocument } from './http/openapi.ts'
import { problemWith } from './http/problem.ts'
import { RateWindows } from './http/rate-windows.ts'
import { REFERENCE_POLICY, referencePage } from './http/reference-page.ts'
import { RequestGate } from './http/request-gate.ts'
import { API_PREFIX } from './http/route.ts'
import { httpServer } from './http/tls-server.ts'
import { routes } from './routes.ts'

export interface ApiListenerOptions {
  readonly context: ApiContext
  readonly log: Log
  /** Proxies whose `X-Forwarded-For` is believed: addresses or networks. */
  readonly trustedProxies: readonly string[]
  /** What is in force now; `null`: in the clear. */
  readonly tls: (() => ServerTls) | null
  /** What requests bring is held in it. */
  readonly memory: MemoryBudget
  /** Of each key. */
  readonly requestsPerMinute: number
  /** Of the product, for the document. */
  readonly version: string
}

export class ApiListener {
  readonly #app: FastifyInstance

  constructor(options: ApiListenerOptions) {
    const { context, log, memory, requestsPerMinute, tls, trustedProxies, version } = options
    const { clock } = context.records
    this.#app = fastify({
      bodyLimit: httpLimits.bodyOctets,
      trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
      serverFactory: (handler) => httpServer(tls, handler),
      forceCloseConnections: true,
    })
    const document = openApiDocument(routes, version)
    this.#app.get(`${API_PREFIX}/openapi.json`, () => document)
    const page = referencePage(document)
    this.#app.get(`${API_PREFIX}/reference`, (_request, answer) =>
      answer.type('text/html').header('content-security-policy', REFERENCE_POLICY).send(page),
    )
    this.#app.setNotFoundHandler((request, answer) =>
      sendProblem(
        answer,
        problemWith('RLY_ROUTE_UNKNOWN', `there is no ${request.method} ${request.url} here`),
      ),
    )
    const { directory, people } = context
    const identification = new Identification({ directory, sessions: people.sessions, clock })
    const callerOf = identification.callerOf.bind(identification)
    const gate = new RequestGate({
      callerOf,
      rates: new RateWindows(clock, requestsPerMinute),
      anonymousRates: new RateWindows(clock, anonymousRequestsPerMinute),
      memory,
      desk: context.desk,
      clock,
    })
    mount(this.#app, routes, { context, log, callerOf, hasBrowsers: true, gate })
  }

  /** Throws `RLY_PORT_IN_USE`. Returns the port. */
  listen(host: string, port: number): Promise<number> {
    return listenOn(this.#app, 'api.address', host, port)
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}
