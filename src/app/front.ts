// SPDX-License-Identifier: Apache-2.0
/** What people, programs and monitors talk to: the control socket, the API, health and metrics. Asks a desk, and knows no mail. */
import { ApiListener } from '../api/api-listener.ts'
import { addFeedRoute } from '../api/channel/feed-route.ts'
import { ControlSocket } from '../api/control-socket.ts'
import type { ApiContext } from '../api/http/api-context.ts'
import { OperationsListener } from '../api/operations-listener.ts'
import type { Log } from '../base/log.ts'
import type { MailDesk } from '../control/mail-desk.ts'
import { Metrics } from '../control/metrics.ts'
import type { Config } from './config/config.ts'
import { type JournalsFeed, journalsFeed } from './platform.ts'
import { productVersion } from './version.ts'

export interface FrontParts {
  readonly desk: MailDesk
  readonly context: ApiContext
  /** `null`: no API but that of the control socket. */
  readonly api: Config['api']
  readonly socketFile: string
  readonly dataDir: string
  /** Aborts when the end begins. */
  readonly stopping: AbortSignal
  readonly log: Log
}

export interface FrontPorts {
  readonly operations: number
  readonly api: number | null
}

export class Front {
  readonly #desk: MailDesk
  readonly #stopping: AbortSignal
  readonly #feed: JournalsFeed
  readonly #metrics: Metrics
  readonly #control: ControlSocket
  readonly #operations: OperationsListener
  readonly #api: ApiListener | null

  constructor({ api, context, dataDir, desk, log, socketFile, stopping }: FrontParts) {
    this.#desk = desk
    this.#stopping = stopping
    this.#feed = journalsFeed(dataDir)
    this.#metrics = new Metrics(desk, this.#feed)
    this.#control = new ControlSocket(socketFile, desk, stopping, log)
    this.#control.add((app) => addFeedRoute(app, this.#feed, stopping))
    this.#control.addApi(context, log)
    this.#operations = new OperationsListener(this.#metrics, desk)
    this.#api =
      api === null
        ? null
        : new ApiListener({
            context,
            log,
            trustedProxies: api.trustedProxies.map(({ address, prefix }) => `${address}/${prefix}`),
            version: productVersion(),
          })
  }

  /** More that the control socket answers; before `listen`. */
  get control(): ControlSocket {
    return this.#control
  }

  /** Throws `RLY_PORT_IN_USE`. Returns the ports: a configured port 0 has become a real one. */
  async listen({ operations, api }: Pick<Config, 'operations' | 'api'>): Promise<FrontPorts> {
    const { host, port } = operations.address
    const ports = {
      operations: await this.#operations.listen(host, port),
      api: api === null ? null : await this.#listenApi(api.address),
    }
    await this.#control.listen()
    return ports
  }

  async #listenApi({ host, port }: { host: string; port: number }): Promise<number | null> {
    return (await this.#api?.listen(host, port)) ?? null
  }

  /** Reads what happens, until the end. */
  async follow(): Promise<void> {
    await Promise.all([
      this.#feed.follow(this.#desk.positions(this.#stopping)),
      this.#metrics.follow(this.#stopping),
    ])
  }

  async close(): Promise<void> {
    await Promise.all([this.#control.close(), this.#operations.close(), this.#api?.close()])
  }
}
