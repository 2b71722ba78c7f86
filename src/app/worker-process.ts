// SPDX-License-Identifier: Apache-2.0
/** One of several workers: the mail, and a socket by which the control process asks about it. */

import { ControlSocket } from '../api/control-socket.ts'
import { addFeedbackRoutes } from '../api/feedback-routes.ts'
import { addHitRoutes } from '../api/hit-routes.ts'
import type { Log } from '../base/log.ts'
import { composeWorkerApi } from './compose-listening-api.ts'
import { workerSocketFile } from './data-files.ts'
import type { LiveConfig } from './live-config.ts'
import { MailWorker } from './mail-worker.ts'
import type { Running } from './run-until-signal.ts'
import type { WorkerPlace } from './worker-place.ts'

export class WorkerProcess implements Running {
  /** The first that it listens on. */
  readonly port: number
  readonly #worker: MailWorker
  readonly #socket: ControlSocket

  static async start(
    live: LiveConfig,
    place: WorkerPlace,
    log: Log,
    onFatal: () => void,
  ): Promise<WorkerProcess> {
    const worker = await MailWorker.open(live, place, log, onFatal)
    const { dataDir } = live.current.config
    const socket = new ControlSocket(
      workerSocketFile(dataDir, place.index),
      worker.desk,
      worker.stopping,
      log,
    )
    socket.add((app) => addFeedbackRoutes(app, worker.feedback))
    const { hits } = worker
    if (hits !== null) socket.add((app) => addHitRoutes(app, hits))
    const api = composeWorkerApi(live, worker, place, log)
    if (api !== null) worker.addListener('api', api)
    try {
      await socket.listen()
      const listeners = await worker.begin()
      log.info({ listeners, pid: process.pid }, 'a worker takes mail')
      return new WorkerProcess(worker, socket, Object.values(listeners)[0]?.[0] ?? 0)
    } catch (thrown) {
      // A port in use; the caller says so.
      await worker.stop()
      await socket.close()
      throw thrown
    }
  }

  private constructor(worker: MailWorker, socket: ControlSocket, port: number) {
    this.port = port
    this.#worker = worker
    this.#socket = socket
  }

  reload(): readonly string[] {
    return this.#worker.reload()
  }

  async stop(): Promise<void> {
    await this.#worker.stop()
    await this.#socket.close()
  }
}
