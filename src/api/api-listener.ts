// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP API for programs elsewhere, with keys. `/api/v1/openapi.json` and, for people, `/api/v1/reference` describe it and need none. Cross-origin requests
 * by browsers are not allowed: no header says that they are.
 */
import { type FastifyInstance, fastify } from 'fastify'
import { httpLimits } from '../base/http-limits.ts'
import type { Log } from '../base/log.ts'
import type { ApiContext } from './http/api-context.ts'
import { authenticate } from './http/authentication.ts'
import { listenOn } from './http/listen.ts'
import { mount, sendProblem } from './http/mount.ts'
import { openApiDocument } from './http/openapi.ts'
import { problemWith } from './http/problem.ts'
import { REFERENCE_POLICY, referencePage } from './http/reference-page.ts'
import { API_PREFIX } from './http/route.ts'
import { routes } from './routes.ts'

export interface ApiListenerOptions {
  readonly context: ApiContext
  readonly log: Log
  /** Proxies whose `X-Forwarded-For` is believed: addresses or networks. */
  readonly trustedProxies: readonly string[]
  /** Of the product, for the document. */
  readonly version: string
}

export class ApiListener {
  readonly #app: FastifyInstance

  constructor({ context, log, trustedProxies, version }: ApiListenerOptions) {
    this.#app = fastify({
      bodyLimit: httpLimits.bodyOctets,
      trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
      requestTimeout: httpLimits.requestTimeoutMs,
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
    mount(this.#app, routes, {
      context,
      log,
      callerOf: (request) =>
        authenticate(
          { authorization: request.headers.authorization, address: request.ip },
          context.directory(),
          context.records.clock.now(),
        ),
    })
  }

  /** Throws `RLY_PORT_IN_USE`. Returns the port. */
  listen(host: string, port: number): Promise<number> {
    return listenOn(this.#app, 'api.address', host, port)
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}
