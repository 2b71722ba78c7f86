// SPDX-License-Identifier: Apache-2.0
/** The relay that is one process: a worker, and the front that people talk to. */
import type { Log } from '../base/log.ts'
import { keepUpDomains } from '../control/domains/domain-upkeep.ts'
import { keepUpRecords } from '../control/record-upkeep.ts'
import { upkeepOf } from './compose-api.ts'
import { composeWholeApi } from './compose-listening-api.ts'
import { followSources } from './compose-sources.ts'
import { controlSocketFile } from './data-files.ts'
import { Front, type FrontPorts } from './front.ts'
import type { ListeningPorts } from './listeners.ts'
import type { LiveConfig } from './live-config.ts'
import { MailWorker } from './mail-worker.ts'
import { openViews } from './open-views.ts'
import type { Running } from './run-until-signal.ts'
import { alone } from './worker-place.ts'

export class Relay implements Running {
  readonly #worker: MailWorker
  readonly #front: Front
  /** Where mail comes in, and the ports of operations and API. */
  listeners: ListeningPorts = {}
  frontPorts: FrontPorts = { operations: 0, api: null }

  /** Throws `RLY_*` where it cannot start, and leaves nothing open. `onFatal`: it cannot go on. */
  static async start(live: LiveConfig, log: Log, onFatal: () => void): Promise<Relay> {
    const worker = await MailWorker.open(live, alone, log, onFatal)
    const { config } = live.current
    const views = openViews(config, log)
    const context = worker.apiContext(views)
    const front = new Front({
      ...views,
      desk: worker.desk,
      context,
      api: composeWholeApi(live, context, worker.memory, log),
      socketFile: controlSocketFile(config.dataDir),
      thresholds: () => live.current.config.feedback,
      suppressAfter: () => live.current.config.feedback.suppressAfter,
      stopping: worker.stopping,
      log,
    })
    const relay = new Relay(worker, front)
    try {
      relay.listeners = await worker.begin()
      relay.frontPorts = await front.listen(config)
      worker.background('views of events', () => front.follow())
      worker.background('upkeep of records', (stopping) =>
        keepUpRecords(upkeepOf(context, live), log, stopping),
      )
      worker.background('upkeep of sources', (stopping) => followSources(context, log, stopping))
      worker.background('upkeep of domains', (stopping) => keepUpDomains(context, log, stopping))
      return relay
    } catch (thrown) {
      // A port in use, most likely; the caller says so.
      await relay.stop()
      throw thrown
    }
  }

  private constructor(worker: MailWorker, front: Front) {
    this.#worker = worker
    this.#front = front
  }

  /** All or nothing. Returns the keys that changed and need a restart; throws what is wrong with the new file. */
  reload(): readonly string[] {
    return this.#worker.reload()
  }

  /** Takes nothing new, finishes what is in hand, and closes. Mail that waits stays in the spool. */
  async stop(): Promise<void> {
    await Promise.all([this.#worker.stop(), this.#front.endViews()])
    await this.#front.close()
  }
}
