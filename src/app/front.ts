// SPDX-License-Identifier: Apache-2.0
/** What people, programs and monitors talk to: the control socket, the API, health and metrics. Asks a desk, and knows no mail. */
import type { ApiListener } from '../api/api-listener.ts'
import { answerOn } from '../api/channel/answer-on.ts'
import { addFeedRoute } from '../api/channel/feed-route.ts'
import { messages } from '../api/channel/messages.ts'
import { ControlSocket } from '../api/control-socket.ts'
import type { ApiContext } from '../api/http/api-context.ts'
import { OperationsListener } from '../api/operations-listener.ts'
import type { DurationMs } from '../base/brand.ts'
import { rateLimits } from '../base/limits/rate-limits.ts'
import type { Log } from '../base/log.ts'
import type { MailDesk } from '../control/desk/mail-desk.ts'
import { Metrics } from '../control/metrics.ts'
import { mxHost } from '../control/rates/mx-host.ts'
import { followRates, type RateViewParts } from '../control/rates/rate-view.ts'
import { type RateThresholds, watchRates } from '../control/rates/rate-watch.ts'
import { wayFinder } from '../control/rates/way-of-mail.ts'
import { SearchedMail } from '../control/search/sent-mail.ts'
import { StandingsView } from '../control/standings/standing-view.ts'
import {
  type AutomaticParts,
  followReasons,
} from '../control/suppressions/automatic-suppressions.ts'
import { WarmUpView } from '../control/warm-ups/warm-up-view.ts'
import { providerOfHost } from '../protocol/classify/provider.ts'
import type { RateSubject } from '../records/rate.ts'
import { SuppressionService } from '../records/suppressions/automatic-suppression.ts'
import type { Config } from './config/config.ts'
import type { OpenViews } from './open-views.ts'

export interface FrontParts extends OpenViews {
  readonly desk: MailDesk
  readonly context: ApiContext
  /** `null`: no API but that of the control socket. */
  readonly api: ApiListener | null
  readonly socketFile: string
  /** How long a bounce waits until it suppresses. */
  readonly suppressAfter: () => DurationMs
  readonly thresholds: () => RateThresholds
  /** Aborts when the end begins. */
  readonly stopping: AbortSignal
  readonly log: Log
}

export interface FrontPorts {
  readonly operations: number
  /** `null`: there is none, or workers have it. */
  readonly api: number | null
}

export class Front {
  readonly #desk: MailDesk
  readonly #stopping: AbortSignal
  readonly #views: OpenViews
  readonly #metrics: Metrics
  readonly #automatic: AutomaticParts
  readonly #webhooks: ApiContext['webhooks']
  readonly #rates: RateViewParts
  readonly #warmUps: WarmUpView
  readonly #standings: StandingsView
  readonly #control: ControlSocket
  readonly #operations: OperationsListener
  readonly #api: ApiListener | null

  constructor(parts: FrontParts) {
    const { api, context, desk, feed, lines, log, openLedger, search, socketFile, stopping } = parts
    this.#desk = desk
    this.#stopping = stopping
    this.#views = { feed, lines, openLedger, search }
    this.#webhooks = context.webhooks
    this.#metrics = new Metrics(desk, feed, search, () => recentRates(records))
    const { directory, records } = context
    const { suppressAfter } = parts
    const suppressions = new SuppressionService(records, directory)
    const watched = { records, desk, thresholds: parts.thresholds, log }
    const onWorse = (subjects: readonly RateSubject[]) => watchRates(watched, subjects)
    const wayOf = wayFinder(search, desk)
    const named = context.warmUps.context.providerOf
    const providerOf = (mx: string) => named(mx) ?? providerOfHost(mxHost(mx).name)
    this.#rates = { feed, records, wayOf, providerOf, onWorse, log }
    const tell = () => desk.refresh().catch(() => undefined)
    this.#automatic = { feed, records, suppressions, tell, log, directory, search, suppressAfter }
    this.#warmUps = new WarmUpView({ ...context.warmUps.context, feed, directory, wayOf, log })
    context.warmUps.useCounts(this.#warmUps)
    const service = context.standings
    this.#standings = new StandingsView({ feed, records, service, wayOf, log })
    this.#control = new ControlSocket(socketFile, desk, stopping, log)
    this.#control.add((app) => addFeedRoute(app, feed, stopping))
    const sentMail = new SearchedMail(search, records.clock)
    this.#control.add((app) =>
      answerOn(app, messages.sentMail, async (about) => ({ mail: await sentMail.find(about) })),
    )
    this.#control.addApi(context, log)
    this.#operations = new OperationsListener(this.#metrics, desk)
    this.#api = api
  }

  /** More that the control socket answers; before `listen`. */
  get control(): ControlSocket {
    return this.#control
  }

  /** Throws `RLY_PORT_IN_USE`. Returns the ports: a configured port 0 has become a real one. */
  async listen({ operations }: Pick<Config, 'operations'>): Promise<FrontPorts> {
    const { host, port } = operations.address
    const ports = {
      operations: await this.#operations.listen(host, port),
      api: (await this.#api?.listen())?.[0]?.port ?? null,
    }
    await this.#control.listen()
    return ports
  }

  /** Reads what happens, until the end. */
  async follow(): Promise<void> {
    await Promise.all([
      this.#hear(),
      this.#metrics.follow(this.#stopping, this.#automatic.records.clock, this.#automatic.log),
      this.#views.lines?.follow(this.#stopping),
      followReasons(this.#automatic, this.#stopping),
      this.#webhooks?.follow(this.#stopping),
      followRates(this.#rates, this.#stopping),
      this.#warmUps.follow(this.#stopping),
      this.#standings.follow(this.#stopping),
    ])
  }

  async #hear(): Promise<void> {
    for await (const positions of this.#desk.positions(this.#stopping)) {
      this.#views.feed.heard(positions)
      this.#views.search.heard(positions)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#control.close(), this.#operations.close(), this.#api?.close()])
    await this.endViews()
  }

  /** What happens from here on they read after the next start. */
  async endViews(): Promise<void> {
    await this.#views.search.close()
  }
}

/** Of the mail of the window, as metrics show it. */
function recentRates({ clock, store }: ApiContext['records']) {
  const today = Math.floor(clock.now() / rateLimits.dayMs)
  const since = today - rateLimits.windowDays + 1
  return store.rates.sums({ since }, rateLimits.inMetrics)
}
