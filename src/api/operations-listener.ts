// SPDX-License-Identifier: Apache-2.0
/** For monitors: `/healthz` (the process lives), `/readyz` (it takes mail), `/metrics` (Prometheus). */
import { type FastifyInstance, fastify } from 'fastify'
import type { MailDesk } from '../control/desk/mail-desk.ts'
import type { Metrics } from '../control/metrics.ts'
import { listenOn } from './http/listen.ts'
import { withoutSchemas } from './http/without-schemas.ts'

export class OperationsListener {
  readonly #app: FastifyInstance

  constructor(metrics: Metrics, desk: MailDesk) {
    this.#app = fastify({ ...withoutSchemas, forceCloseConnections: true })
    this.#app.get('/healthz', () => ({ status: 'ok' }))
    this.#app.get('/readyz', async (_request, answer) => {
      const { isReady, why } = await desk.status()
      return answer
        .status(isReady ? 200 : 503)
        .send({ status: isReady ? 'ready' : 'not ready', why })
    })
    this.#app.get('/metrics', async (_request, answer) =>
      answer.type(metrics.contentType).send(await metrics.render()),
    )
  }

  /** Throws `RLY_PORT_IN_USE`. Returns the port. */
  async listen(host: string, port: number): Promise<number> {
    const place = { kind: 'address', host, port, sharesPort: false } as const
    const [bound] = await listenOn(this.#app, 'operations.address', place)
    return bound?.port ?? port
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}
