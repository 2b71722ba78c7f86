// SPDX-License-Identifier: Apache-2.0
/**
 * The Unix socket in the data directory by which the command line talks to the relay. Who may open the file may
 * ask everything: it belongs to the relay's user alone (0600).
 */
import { type FastifyInstance, fastify } from 'fastify'
import { ZodError } from 'zod'
import { messageOf, RelayError } from '../base/errors.ts'
import { httpLimits } from '../base/limits/http-limits.ts'
import type { Log } from '../base/log.ts'
import type { MailDesk } from '../control/desk/mail-desk.ts'
import { CHANNEL_HEADER, CHANNEL_VERSION, checkChannelVersion } from './channel/channel-version.ts'
import { addDeskRoutes } from './channel/desk-routes.ts'
import type { ApiContext } from './http/api-context.ts'
import { localCaller } from './http/caller.ts'
import { listenOnSocket } from './http/listen.ts'
import { mount } from './http/mount.ts'
import { withoutSchemas } from './http/without-schemas.ts'
import { routes } from './routes.ts'

/** A message from `send` in base64, and some room. */
const BODY_OCTETS = 96 * 1_024 * 1_024

export class ControlSocket {
  readonly #app: FastifyInstance
  readonly #path: string

  /** `stopping` aborts when the relay stops. */
  constructor(path: string, desk: MailDesk, stopping: AbortSignal, log: Log) {
    this.#path = path
    this.#app = fastify({
      ...withoutSchemas,
      bodyLimit: BODY_OCTETS,
      routerOptions: { maxParamLength: httpLimits.nameCharacters },
      forceCloseConnections: true,
    })
    this.#app.setErrorHandler((thrown, _request, answer) => {
      const { status, code, message } = problemOf(thrown)
      if (status === 500) log.error({ error: messageOf(thrown) }, 'a control request failed')
      return answer.status(status).send({ error: { code, message } })
    })
    this.#app.addHook('onRequest', async (request, answer) => {
      answer.header(CHANNEL_HEADER, CHANNEL_VERSION)
      checkChannelVersion(request.headers[CHANNEL_HEADER], 'who asks')
    })
    addDeskRoutes(this.#app, desk, stopping)
  }

  /** The API, for the operator; before `listen`. */
  addApi(context: ApiContext, log: Log): void {
    this.#app.register((app, _options, done) => {
      mount(app, routes, {
        ...{ context, log, hasBrowsers: false, gate: null },
        callerOf: async () => localCaller,
      })
      done()
    })
  }

  /** More that is answered here; before `listen`. */
  add(routes: (app: FastifyInstance) => void): void {
    routes(this.#app)
  }

  async listen(): Promise<void> {
    await listenOnSocket(this.#app, this.#path)
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}

function problemOf(thrown: unknown): { status: number; code: string; message: string } {
  if (thrown instanceof RelayError)
    return { status: 422, code: thrown.code, message: thrown.message }
  if (thrown instanceof ZodError)
    return {
      status: 400,
      code: 'RLY_USAGE',
      message: thrown.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    }
  return { status: 500, code: 'RLY_INTERNAL', message: messageOf(thrown) }
}
