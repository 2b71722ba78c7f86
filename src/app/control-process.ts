// SPDX-License-Identifier: Apache-2.0
/** Beside several workers: the process that people and monitors talk to. It asks the workers and has no mail itself. */
import { addLedgerRoutes } from '../api/ledger-routes.ts'
import { RemoteDesk } from '../api/remote-desk.ts'
import { SystemClock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { Lifecycle } from '../base/lifecycle.ts'
import type { Log } from '../base/log.ts'
import { MergedDesk } from '../control/merged-desk.ts'
import { timestampOf } from '../events/event.ts'
import { ConnectionLedger } from '../queue/connection-ledger.ts'
import { controlSocketFile, workerSocketFile } from './data-files.ts'
import { Front } from './front.ts'
import type { LiveConfig } from './live-config.ts'
import type { Running } from './run-until-signal.ts'
import { productVersion } from './version.ts'

export class ControlProcess implements Running {
  /** Of operations. */
  readonly port: number
  readonly #live: LiveConfig
  readonly #front: Front
  readonly #lifecycle: Lifecycle

  static async start(
    live: LiveConfig,
    workers: number,
    log: Log,
    onFatal: () => void,
  ): Promise<ControlProcess> {
    const { config } = live.current
    const clock = new SystemClock()
    const startedAt = timestampOf(clock.now())
    const lifecycle = new Lifecycle((work, thrown) => {
      log.error({ work, error: messageOf(thrown) }, 'background work failed: the process ends')
      onFatal()
    })
    const desks = Array.from(
      { length: workers },
      (_, index) => new RemoteDesk(workerSocketFile(config.dataDir, index), clock),
    )
    const desk = new MergedDesk(desks, () => ({
      node: config.nodeName,
      version: productVersion(),
      pid: process.pid,
      supervisorPid: process.ppid,
      startedAt,
    }))
    const front = new Front(desk, controlSocketFile(config.dataDir), lifecycle.signal, log)
    const ledger = new ConnectionLedger(
      () => live.current.policy.connectionsPerSite,
      workers,
      clock.now(),
    )
    front.control.add((app) => addLedgerRoutes(app, ledger, clock))
    const { host, port } = config.operations.address
    const operations = await front.listen(host, port)
    lifecycle.background('metrics', () => front.follow())
    log.info({ operations, pid: process.pid }, 'answering')
    return new ControlProcess(live, front, lifecycle, operations)
  }

  private constructor(live: LiveConfig, front: Front, lifecycle: Lifecycle, port: number) {
    this.port = port
    this.#live = live
    this.#front = front
    this.#lifecycle = lifecycle
  }

  reload(): readonly string[] {
    return this.#live.reload()
  }

  async stop(): Promise<void> {
    const background = this.#lifecycle.stop()
    await this.#front.close()
    await background
  }
}
