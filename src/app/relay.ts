// SPDX-License-Identifier: Apache-2.0
/**
 * The running relay: what listens, in the order in which it begins and ends.
 *
 *     starting ──▶ running ──▶ draining ──▶ ended
 */

import type { ControlServices } from '../api/control-routes.ts'
import { ControlSocket } from '../api/control-socket.ts'
import { OperationsListener, type Readiness } from '../api/operations-listener.ts'
import { type DurationMs, type Instant, seconds } from '../base/brand.ts'
import type { Log } from '../base/log.ts'
import { explain } from '../control/explain.ts'
import { LocalSend } from '../control/local-send.ts'
import { Metrics } from '../control/metrics.ts'
import { QueueActions } from '../control/queue-actions.ts'
import { QueueViews } from '../control/queue-views.ts'
import { timestampOf } from '../events/event.ts'
import { compose, type RelayParts } from './compose.ts'
import { routesOf } from './compose-delivery.ts'
import { controlSocketFile } from './data-files.ts'
import type { LiveConfig } from './live-config.ts'
import { productVersion } from './version.ts'

/** What is in hand gets this long to finish; then connections are cut, and what was in flight is tried again. */
const DRAIN = seconds(5)
/** For connections that were cut to say so. */
const CUT = seconds(1)

export class Relay {
  readonly #parts: RelayParts
  readonly #metrics: Metrics
  readonly #control: ControlSocket
  readonly #operations: OperationsListener
  readonly #startedAt: Instant
  #isDraining = false
  /** Where the listeners are: a configured port 0 has become a real one. */
  readonly ports = { submission: 0, operations: 0 }

  /** Throws `RLY_*` where it cannot start, and leaves nothing open. `onFatal`: it cannot go on. */
  static async start(live: LiveConfig, log: Log, onFatal: () => void): Promise<Relay> {
    const parts = await compose(live, log, onFatal)
    const relay = new Relay(parts)
    try {
      await relay.#begin()
      return relay
    } catch (thrown) {
      // A port in use, most likely; the caller says so.
      await relay.stop()
      throw thrown
    }
  }

  private constructor(parts: RelayParts) {
    this.#parts = parts
    this.#startedAt = parts.platform.clock.now()
    this.#metrics = new Metrics(this.#gauges())
    this.#operations = new OperationsListener(this.#metrics, () => this.#readiness())
    const socket = controlSocketFile(parts.live.current.config.dataDir)
    this.#control = new ControlSocket(socket, this.#services(), parts.log)
  }

  /** All or nothing. Returns the keys that changed and need a restart; throws what is wrong with the new file. */
  reload(): readonly string[] {
    const needRestart = this.#parts.live.reload()
    const { dispatcher, router } = this.#parts.delivery
    router.replaceRoutes(routesOf(this.#parts.live.current.config))
    dispatcher.reroute()
    return needRestart
  }

  /** Takes nothing new, finishes what is in hand, and closes. Mail that waits stays in the spool. */
  async stop(): Promise<void> {
    const { abort, delivery, lifecycle, platform, submission } = this.#parts
    this.#isDraining = true
    delivery.dispatcher.stop()
    const background = lifecycle.stop()
    await this.#within(DRAIN, Promise.all([submission.drain(DRAIN), background]))
    abort.abort()
    await submission.close()
    await this.#within(CUT, background)
    await Promise.all([this.#control.close(), this.#operations.close()])
    await delivery.resolver[Symbol.asyncDispose]()
    await platform[Symbol.asyncDispose]()
  }

  async #begin(): Promise<void> {
    const { delivery, lifecycle, live, platform, submission, watch } = this.#parts
    const { address } = live.current.config.listen.operations
    this.ports.submission = (await submission.listen()).port
    this.ports.operations = await this.#operations.listen(address.host, address.port)
    await this.#control.listen()
    lifecycle.background('metrics', () => this.#metrics.follow(platform.spool, lifecycle.signal))
    lifecycle.background('watch of the records', () => watch.follow(lifecycle.signal))
    delivery.dispatcher.start()
  }

  #within(time: DurationMs, work: Promise<unknown>): Promise<unknown> {
    return Promise.race([work, this.#parts.platform.clock.sleep(time)])
  }

  #readiness(): Readiness {
    const health = this.#parts.platform.spool.health()
    if (this.#isDraining) return { isReady: false, why: 'draining' }
    return health.kind === 'ok'
      ? { isReady: true, why: 'taking mail' }
      : { isReady: false, why: health.why }
  }

  #gauges() {
    const { delivery, platform, submission } = this.#parts
    return {
      waiting: () => {
        let count = 0
        for (const { waiting } of platform.spool.waiting()) count += waiting
        return count
      },
      ready: () => delivery.budget.windowed,
      connections: () => delivery.budget.connections,
      sessions: () => submission.counts.sessions,
      isShedding: () => platform.spool.health().kind === 'shedding',
    }
  }

  #services(): ControlServices {
    const { acceptor, delivery, lifecycle, live, platform, watch } = this.#parts
    const { config } = live.current
    const { dispatcher, recorder, resolver, router } = delivery
    const views = new QueueViews(platform.spool, dispatcher, platform.clock)
    const explaining = {
      router,
      resolver,
      random: platform.random,
      dispatcher,
      policy: () => live.current.policy,
      sources: () => config.sources,
    }
    return {
      status: () => ({
        node: config.nodeName,
        version: productVersion(),
        pid: process.pid,
        startedAt: timestampOf(this.#startedAt),
        spool: platform.spool.health(),
      }),
      views,
      actions: new QueueActions({
        node: config.nodeName,
        clock: platform.clock,
        store: platform.store,
        events: platform.spool,
        dispatcher,
        recorder,
        views,
        refreshDirectory: () => watch.refresh(),
      }),
      events: platform.spool,
      explain: (address) => explain(explaining, address),
      send: new LocalSend(acceptor, () => watch.directory),
      stopping: lifecycle.signal,
    }
  }
}
