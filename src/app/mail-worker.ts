// SPDX-License-Identifier: Apache-2.0
/**
 * Everything that touches mail in one process: submission, spool, delivery. Alone it is the relay's inside; beside
 * others it is one of the workers that share the ports.
 *
 *     starting ──▶ running ──▶ draining ──▶ ended
 */
import type { ApiContext } from '../api/http/api-context.ts'
import { type DurationMs, type Instant, seconds } from '../base/brand.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import { formatSize } from '../base/quantity.ts'
import { LocalDesk } from '../control/desk/local-desk.ts'
import { LocalSend } from '../control/desk/local-send.ts'
import { announcedTypes, type DeskStatus, type MailDesk } from '../control/desk/mail-desk.ts'
import { CredentialMail } from '../control/queues/credential-mail.ts'
import { explain } from '../control/queues/explain.ts'
import { HeldMail } from '../control/queues/held-mail.ts'
import { QueueActions } from '../control/queues/queue-actions.ts'
import { QueueViews } from '../control/queues/queue-views.ts'
import { RetriedMail } from '../control/recovery/retried-mail.ts'
import { poolLoads, sourceLoads } from '../control/sources/source-loads.ts'
import { timestampOf } from '../events/event.ts'
import type { FeedbackRecorder } from '../feedback/finding.ts'
import type { HitRecorder } from '../feedback/hit.ts'
import { prepareClassifier } from '../protocol/classify/classify.ts'
import { familiesOf } from '../queue/egress.ts'
import type { SpoolHealth } from '../spool/spool.ts'
import { giveUpBegun, namesBefore, workerName } from './begun-answers.ts'
import { compose, type RelayParts } from './compose.ts'
import { composeApi, type Views } from './compose-api.ts'
import { rulesOf } from './compose-delivery.ts'
import { streamsWithoutPool } from './config/record-problems.ts'
import { keepDomains } from './kept/kept-domains.ts'
import { keepEnds } from './kept/kept-ends.ts'
import { keepLessons } from './kept/kept-lessons.ts'
import { keepUses } from './kept/kept-uses.ts'
import type { Listener, ListeningPorts } from './listeners.ts'
import type { LiveConfig } from './live-config.ts'
import { productVersion } from './version.ts'
import type { WorkerPlace } from './worker-place.ts'

/** What is in hand gets this long to finish; then connections are cut, and what was in flight is tried again. */
const DRAIN = seconds(5)
/** For connections that were cut to say so. */
const CUT = seconds(1)

export class MailWorker {
  readonly desk: MailDesk
  readonly #parts: RelayParts
  readonly #place: WorkerPlace
  readonly #startedAt: Instant
  #isDraining = false

  /** Throws `RLY_*` where it cannot start, and leaves nothing open. `onFatal`: it cannot go on. */
  static async open(
    live: LiveConfig,
    place: WorkerPlace,
    log: Log,
    onFatal: () => void,
  ): Promise<MailWorker> {
    const parts = await compose(live, place, log, onFatal)
    await giveUpBegun(parts.platform, namesBefore(live.current.config.nodeName, place), log)
    return new MailWorker(parts, place)
  }

  private constructor(parts: RelayParts, place: WorkerPlace) {
    this.#parts = parts
    this.#place = place
    this.#startedAt = parts.platform.clock.now()
    this.desk = this.#makeDesk()
  }

  /** Aborts when the end begins. */
  get stopping(): AbortSignal {
    return this.#parts.lifecycle.signal
  }

  /** Where other workers bring what they find out about messages of this one. */
  get feedback(): FeedbackRecorder {
    return this.#parts.feedback.recorder
  }

  /** And of openings and clicks; `null`: no web is configured. */
  get hits(): HitRecorder | null {
    return this.#parts.web?.hits ?? null
  }

  get memory(): MemoryBudget {
    return this.#parts.memory
  }

  apiContext(views: Views | null): ApiContext {
    const { live, log, platform, watch } = this.#parts
    return composeApi({
      log,
      records: platform,
      uses: this.#parts.uses,
      config: () => live.current.config,
      rules: () => live.current,
      directory: () => watch.directory,
      refresh: () => this.#refresh(),
      desk: this.desk,
      place: workerName(live.current.config.nodeName, this.#place.index),
      views,
    })
  }

  /** One more way in, before `begin`: it begins, drains and ends with the others. */
  addListener(name: string, listener: Listener): void {
    this.#parts.listeners.add(name, listener)
  }

  /** Listens and sends from here on. */
  async begin(): Promise<ListeningPorts> {
    const { acme, delivery, lifecycle, listeners, suppressions, tlsUpkeep, watch } = this.#parts
    const { book, ends, known, log, platform, quotaWatch, uses } = this.#parts
    prepareClassifier()
    const ports = await listeners.listen()
    lifecycle.background('watch of the records', () => watch.follow(lifecycle.signal))
    lifecycle.background('count against quotas', () => quotaWatch.follow(lifecycle.signal))
    lifecycle.background('watch of suppressions', () => suppressions.follow(lifecycle.signal))
    lifecycle.background('keeping of ends', () =>
      keepEnds(ends.file, ends.brakes, platform.clock, log, lifecycle.signal),
    )
    lifecycle.background('keeping of last uses', () =>
      keepUses(uses, platform.store, platform.clock, log, lifecycle.signal),
    )
    lifecycle.background('keeping of known domains', () =>
      keepDomains(known.file, known.domains, platform.clock, log, lifecycle.signal),
    )
    if (book !== null)
      lifecycle.background('keeping of lessons', () =>
        keepLessons(book, platform.store, platform.clock, log, lifecycle.signal),
      )
    if (acme !== null)
      lifecycle.background('certificate by ACME', () => acme.follow(lifecycle.signal))
    lifecycle.background('upkeep of TLS', () => tlsUpkeep.follow(lifecycle.signal))
    delivery.dispatcher.start()
    return ports
  }

  /** Runs beside everything else until the end. */
  background(name: string, work: (stopping: AbortSignal) => Promise<void>): void {
    const { lifecycle } = this.#parts
    lifecycle.background(name, () => work(lifecycle.signal))
  }

  /** All or nothing. Returns the keys that changed and need a restart; throws what is wrong with the new file. */
  reload(): readonly string[] {
    const needRestart = this.#parts.live.reload()
    const { dispatcher, router, sourcesOf } = this.#parts.delivery
    const { live, log, watch } = this.#parts
    router.replaceRules(rulesOf(live.current, familiesOf(sourcesOf(null))))
    dispatcher.reroute()
    for (const { tenant, text } of streamsWithoutPool(live.current.config, watch.directory))
      log.error({ tenant }, `${text}; mail of the stream waits`)
    return needRestart
  }

  /** Takes nothing new, finishes what is in hand, and closes. Mail that waits stays in the spool. */
  async stop(): Promise<void> {
    const { abort, delivery, feedback, lifecycle, platform, listeners, sandbox, web } = this.#parts
    this.#isDraining = true
    delivery.dispatcher.stop()
    const background = lifecycle.stop()
    await this.#within(DRAIN, Promise.all([listeners.drain(DRAIN), background]))
    abort.abort()
    await listeners.close()
    await this.#within(CUT, background)
    await sandbox.close()
    if (web !== null) await this.#within(CUT, web.queue.settled())
    await delivery.resolver[Symbol.asyncDispose]()
    await feedback.resolver[Symbol.asyncDispose]()
    await platform[Symbol.asyncDispose]()
  }

  async #refresh(): Promise<void> {
    const { suppressions, watch } = this.#parts
    await Promise.all([watch.refresh(), suppressions.refresh()])
  }

  #within(time: DurationMs, work: Promise<unknown>): Promise<unknown> {
    return Promise.race([work, this.#parts.platform.clock.sleep(time)])
  }

  #status(): DeskStatus {
    const { delivery, inbound, listeners, live, platform, web } = this.#parts
    const trouble = this.#trouble()
    return {
      node: live.current.config.nodeName,
      version: productVersion(),
      pid: process.pid,
      supervisorPid: null,
      startedAt: timestampOf(this.#startedAt),
      isReady: trouble === null,
      why: trouble ?? stateText(platform.spool.health()),
      waiting: platform.spool.waitingCount(),
      ready: delivery.budget.windowed,
      connections: delivery.budget.connections,
      sessions: listeners.sessions,
      forgedPaths: inbound.forged,
      forgedLinks: web?.badWords.forged ?? 0,
    }
  }

  /** Why it takes no mail; `null` where it does. */
  #trouble(): string | null {
    const { memory, platform } = this.#parts
    const health = platform.spool.health()
    if (this.#isDraining) return 'draining'
    if (health.kind === 'shedding') return stateText(health)
    if (memory.room === 'ample') return null
    return `clients hold ${formatSize(memory.held)} of ${formatSize(memory.limit)} of memory`
  }

  #makeDesk(): MailDesk {
    const { acceptor, delivery, live, log, platform, suppressions, watch } = this.#parts
    const { config } = live.current
    const { dispatcher, guard, recorder, resolver, router } = delivery
    const views = new QueueViews(platform.spool, dispatcher, platform.clock)
    const explaining = {
      router,
      resolver,
      guard,
      random: platform.random,
      dispatcher,
      shaping: delivery.shaping,
      lessons: delivery.lessons,
      clock: platform.clock,
      directory: () => watch.directory,
      poolRules: delivery.poolRules,
      spool: platform.spool,
      sourcesOf: delivery.sourcesOf,
      usualTls: () => live.current.config.delivery.tls,
    }
    return new LocalDesk({
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
      holds: new HeldMail({
        node: config.nodeName,
        clock: platform.clock,
        spool: platform.spool,
        dispatcher,
        recorder,
      }),
      retries: new RetriedMail({
        ...{ node: config.nodeName, clock: platform.clock, log, acceptor, suppressions },
        ...{ spool: platform.spool, events: platform.spool, memory: platform.retries },
        directory: () => watch.directory,
        keptFor: () => config.spool.retentionFailed,
      }),
      ofCredentials: new CredentialMail({
        ...{ node: config.nodeName, clock: platform.clock, events: platform.spool },
        ...{ spool: platform.spool, dispatcher, recorder, views },
      }),
      events: platform.spool,
      sender: new LocalSend(
        acceptor,
        () => watch.directory,
        platform.clock,
        (once) => platform.spool.newId(once),
      ),
      status: () => this.#status(),
      explain: (question) => explain(explaining, question),
      announce: async (what, text, tenant) => {
        const at = timestampOf(platform.clock.now())
        const node = config.nodeName
        await platform.spool.append([{ type: announcedTypes[what], at, node, tenant, text }])
      },
      sources: () => sourceLoads(dispatcher),
      pools: () => poolLoads(platform.spool, dispatcher, platform.clock),
      tell: async (facts) => {
        const at = timestampOf(platform.clock.now())
        await platform.spool.append([{ ...facts, at, node: config.nodeName }])
      },
      refresh: () => this.#refresh(),
    })
  }
}

function stateText(health: SpoolHealth): string {
  switch (health.kind) {
    case 'ok':
      return 'taking mail'
    case 'slow':
      return `taking mail; ${health.why}`
    case 'shedding':
      return health.why
  }
}
