// SPDX-License-Identifier: Apache-2.0
/** Makes the API's listeners: of a relay that is one process, or of a worker and of control, which are one API together. */
import { ApiListener } from '../api/api-listener.ts'
import { messages } from '../api/channel/messages.ts'
import { RemoteDesk } from '../api/channel/remote-desk.ts'
import { ControlClient } from '../api/control-client.ts'
import type { ApiContext } from '../api/http/api-context.ts'
import { LentRequests } from '../api/http/lent-requests.ts'
import type { ApiPlace } from '../api/http/listen.ts'
import { RateWindows, type RequestRates } from '../api/http/rate-windows.ts'
import { seconds } from '../base/brand.ts'
import { deadlineSignal, SystemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import type { Once } from '../events/ids.ts'
import type { Config } from './config/config.ts'
import { apiSocketFile, controlSocketFile, workerSocketFile } from './data-files.ts'
import { apiPortIn } from './free-ports.ts'
import type { LiveConfig } from './live-config.ts'
import type { MailWorker } from './mail-worker.ts'
import { lastingTls } from './tls/lasting-tls.ts'
import { productVersion } from './version.ts'
import type { WorkerPlace } from './worker-place.ts'

/** Control that has not answered a request by then is as good as away. */
const PATIENCE = seconds(0.5)

type ApiConfig = NonNullable<Config['api']>

/** Answers everything. `null`: none is configured. */
export function composeWholeApi(
  live: LiveConfig,
  context: ApiContext,
  memory: MemoryBudget,
  log: Log,
): ApiListener | null {
  const { api } = live.current.config
  if (api === null) return null
  const place = { kind: 'address', ...api.address, sharesPort: false } as const
  const passesOnTo = null
  return new ApiListener({
    ...common(api, log),
    context,
    rates: new RateWindows(context.records.clock, api.requestsPerMinute),
    memory,
    place,
    tls: lastingTls(() => live.current.tls.api),
    passesOnTo,
  })
}

/** Sends, and passes all else on to control. */
export function composeWorkerApi(
  live: LiveConfig,
  worker: MailWorker,
  place: WorkerPlace,
  log: Log,
): ApiListener | null {
  const { config } = live.current
  const { api, dataDir } = config
  if (api === null) return null
  const port = apiPortIn(config, place.sharedPorts ?? []) ?? api.address.port
  return new ApiListener({
    ...common(api, log),
    context: { ...worker.apiContext(null), sentBefore: sentBeforeBy(live, worker, place) },
    rates: lentRequests(api, dataDir, place),
    memory: worker.memory,
    place: { kind: 'address', host: api.address.host, port, sharesPort: true },
    tls: lastingTls(() => live.current.tls.api),
    passesOnTo: apiSocketFile(dataDir),
  })
}

/** What was sent before one of the others may have sent. */
function sentBeforeBy(live: LiveConfig, { desk }: MailWorker, place: WorkerPlace) {
  const clock = new SystemClock()
  const { dataDir } = live.current.config
  const desks = Array.from({ length: place.count }, (_, index) =>
    index === place.index ? desk : new RemoteDesk(workerSocketFile(dataDir, index), clock),
  )
  return async (once: Once) => {
    const found = await Promise.all(desks.map((each) => each.sentBefore(once)))
    return found.find((sent) => sent !== null) ?? null
  }
}

/** What workers pass on, sending included where one asks for it here. */
export function composeControlApi(
  live: LiveConfig,
  context: ApiContext,
  rates: RequestRates,
  memory: MemoryBudget,
  log: Log,
): ApiListener | null {
  const { api, dataDir } = live.current.config
  if (api === null) return null
  const place: ApiPlace = { kind: 'socket', path: apiSocketFile(dataDir) }
  return new ApiListener({
    ...common(api, log),
    context,
    rates,
    memory,
    place,
    tls: null,
    passesOnTo: null,
  })
}

function common(api: ApiConfig, log: Log) {
  return {
    log,
    trustedProxies: api.trustedProxies.map(({ address, prefix }) => `${address}/${prefix}`),
    version: productVersion(),
  }
}

/** Of each key, from the ledger that control keeps. */
function lentRequests(api: ApiConfig, dataDir: string, { count }: WorkerPlace): LentRequests {
  const clock = new SystemClock()
  const control = new ControlClient(controlSocketFile(dataDir))
  return new LentRequests({
    clock,
    limit: api.requestsPerMinute,
    workers: count,
    ask: (key, window) =>
      control.ask(messages.requests, { key, window }, deadlineSignal(clock, PATIENCE)),
  })
}
