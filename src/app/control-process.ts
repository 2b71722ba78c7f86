// SPDX-License-Identifier: Apache-2.0
/** Beside several workers: the process that people and monitors talk to. It asks the workers and has no mail itself. */
import { LastUses } from '../accept/logins/last-uses.ts'
import { addLedgerRoute } from '../api/channel/ledger-route.ts'
import { RemoteDesk } from '../api/channel/remote-desk.ts'
import { RequestLedger } from '../api/http/request-ledger.ts'
import { SystemClock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { Lifecycle } from '../base/lifecycle.ts'
import { httpLimits } from '../base/limits/http-limits.ts'
import type { Log } from '../base/log.ts'
import { MemoryBudget } from '../base/memory-budget.ts'
import { MergedDesk } from '../control/desk/merged-desk.ts'
import { DirectoryWatch } from '../control/directory-watch.ts'
import { keepUpDomains } from '../control/domains/domain-upkeep.ts'
import { keepUpRecords } from '../control/record-upkeep.ts'
import { timestampOf } from '../events/event.ts'
import { Ledger } from '../queue/shaping/ledger.ts'
import { controlName, giveUpBegun } from './begun-answers.ts'
import { composeApi, upkeepOf } from './compose-api.ts'
import { composeControlApi } from './compose-listening-api.ts'
import { followSources } from './compose-sources.ts'
import type { Config } from './config/config.ts'
import { controlSocketFile, workerSocketFile } from './data-files.ts'
import { Front } from './front.ts'
import { keepLessons, readLessons } from './kept/kept-lessons.ts'
import { keepUses } from './kept/kept-uses.ts'
import type { LiveConfig } from './live-config.ts'
import { openViews } from './open-views.ts'
import { memoryShares } from './process-memory.ts'
import { type OpenRecords, openRecords } from './records.ts'
import type { Running } from './run-until-signal.ts'
import { productVersion } from './version.ts'

export class ControlProcess implements Running {
  /** Of operations. */
  readonly port: number
  readonly #live: LiveConfig
  readonly #front: Front
  readonly #lifecycle: Lifecycle
  readonly #records: OpenRecords

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
    const records = await openRecords(config)
    const watch = await DirectoryWatch.open(records.store, clock, log)
    const views = openViews(config, log)
    await giveUpBegun(records, [controlName(config.nodeName)], log)
    const uses = new LastUses(clock)
    const context = composeApi({
      log,
      uses,
      records,
      config: () => live.current.config,
      rules: () => live.current,
      directory: () => watch.directory,
      refresh: async () => {
        await watch.refresh()
        await desk.refresh()
      },
      desk,
      place: controlName(config.nodeName),
      views,
    })
    const requests = new RequestLedger(clock, requestsPerMinute(config), workers)
    const front = new Front({
      ...views,
      desk,
      context,
      api: composeControlApi(
        live,
        context,
        requests,
        new MemoryBudget(memoryShares(config.maxMemory).incomingOctets),
        log,
      ),
      socketFile: controlSocketFile(config.dataDir),
      thresholds: () => live.current.config.feedback,
      suppressAfter: () => live.current.config.feedback.suppressAfter,
      stopping: lifecycle.signal,
      log,
    })
    const book = await readLessons(records.store, clock, log)
    const ledger = new Ledger(workers, clock.monotonic(), book)
    front.control.add((app) => addLedgerRoute(app, ledger, requests, clock))
    const { operations } = await front.listen(config)
    lifecycle.background('views of events', () => front.follow())
    lifecycle.background('keeping of last uses', () =>
      keepUses(uses, records.store, clock, log, lifecycle.signal),
    )
    lifecycle.background('watch of the records', () => watch.follow(lifecycle.signal))
    lifecycle.background('keeping of lessons', () =>
      keepLessons(book, records.store, clock, log, lifecycle.signal),
    )
    lifecycle.background('upkeep of records', () =>
      keepUpRecords(upkeepOf(context, live), log, lifecycle.signal),
    )
    lifecycle.background('upkeep of sources', () => followSources(context, log, lifecycle.signal))
    lifecycle.background('upkeep of domains', () => keepUpDomains(context, log, lifecycle.signal))
    log.info({ operations, pid: process.pid }, 'answering')
    return new ControlProcess(live, front, lifecycle, records, operations)
  }

  private constructor(
    live: LiveConfig,
    front: Front,
    lifecycle: Lifecycle,
    records: OpenRecords,
    port: number,
  ) {
    this.port = port
    this.#live = live
    this.#front = front
    this.#lifecycle = lifecycle
    this.#records = records
  }

  reload(): readonly string[] {
    return this.#live.reload()
  }

  async stop(): Promise<void> {
    const background = this.#lifecycle.stop()
    await this.#front.close()
    await background
    await this.#records[Symbol.asyncDispose]()
  }
}

/** Without an API nobody asks. */
function requestsPerMinute({ api }: Config): number {
  return api?.requestsPerMinute ?? httpLimits.requestsPerMinute
}
