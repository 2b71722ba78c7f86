// SPDX-License-Identifier: Apache-2.0
/**
 * Prometheus metrics: a view of events, read from the journals as they grow, and gauges of what is open and waits.
 * A counter starts at zero with the process; the event log keeps the history.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { seconds } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { persevere } from '../base/persevere.ts'
import type { Event, OutcomeEvent, ReportedEvent } from '../events/event.ts'
import { bounceRate, complaintRate, type RateSum } from '../records/rate.ts'
import type { EventFeed, FeedStart } from '../spool/event-feed.ts'
import type { MailDesk } from './desk/mail-desk.ts'
import type { EventSearch } from './search/event-search.ts'

/** Seconds; from a reused connection on a fast network to a slow greylister. */
const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 900, 3_600, 14_400, 86_400]

const TRY_AGAIN = seconds(5)

export class Metrics {
  readonly #registry = new Registry()
  readonly #received = this.#counter('received_messages_total', 'Messages accepted with a 250.', [
    'tenant',
    'stream',
  ])
  readonly #recipients = this.#counter(
    'received_recipients_total',
    'Recipients of accepted messages.',
    ['tenant', 'stream'],
  )
  readonly #rejected = this.#counter(
    'rejected_total',
    'Messages or recipients refused before acceptance.',
    ['code'],
  )
  readonly #outcomes = this.#counter(
    'outcomes_total',
    'Attempts and other ends of recipients, by outcome.',
    ['outcome', 'tenant', 'stream'],
  )
  readonly #replies = this.#counter('replies_total', 'Last replies of receivers, by code.', [
    'outcome',
    'code',
  ])
  readonly #feedback = this.#counter(
    'feedback_total',
    'What came back about recipients after delivery: bounced, complained, unsubscribed.',
    ['what', 'tenant', 'stream', 'certainty'],
  )
  readonly #hits = this.#counter(
    'hits_total',
    'Messages opened and links followed, where they asked for it; by whether probably a machine did it.',
    ['what', 'tenant', 'stream', 'machine'],
  )
  readonly #reports = this.#counter(
    'reports_total',
    'Mail that came back and changed nothing, by what it was and what became of it.',
    ['kind', 'fate'],
  )
  readonly #sandboxed = this.#counter(
    'sandbox_events_total',
    'Events about mail that nobody got but the simulated receiver; no other number counts them.',
    ['type'],
  )
  readonly #delivery = new Histogram({
    name: 'posthaste_delivery_seconds',
    help: 'From reception to delivery. A growing tail with a flat middle means deferrals: see "queue list".',
    labelNames: ['stream'],
    buckets: SECONDS,
    registers: [this.#registry],
  })

  readonly #gauges: Readonly<
    Record<
      'waiting' | 'ready' | 'connections' | 'sessions' | 'shedding' | 'forgedPaths' | 'forgedLinks',
      Gauge
    >
  >
  readonly #behind = new Gauge({
    name: 'posthaste_view_behind_records',
    help: 'Records of the journals that a view has still to read. One that grows cannot keep up.',
    labelNames: ['view'],
    registers: [this.#registry],
  })
  readonly #ratio = new Gauge({
    name: 'posthaste_feedback_ratio',
    help: 'Complaints of what was delivered, and bounces of what ended, of the mail of seven days; of those with most complaints.',
    labelNames: ['what', 'by', 'name', 'tenant'],
    registers: [this.#registry],
  })
  readonly #desk: Pick<MailDesk, 'status'>
  readonly #feed: EventFeed
  readonly #search: Pick<EventSearch, 'reader'>
  readonly #rates: () => Promise<readonly RateSum[]>

  constructor(
    desk: Pick<MailDesk, 'status'>,
    feed: EventFeed,
    search: Pick<EventSearch, 'reader'>,
    rates: () => Promise<readonly RateSum[]> = async () => [],
  ) {
    this.#rates = rates
    this.#desk = desk
    this.#search = search
    this.#feed = feed
    this.#gauges = {
      waiting: this.#gauge(
        'waiting_recipients',
        'Recipients that wait in the index. Grows while receivers defer or a site is down.',
      ),
      ready: this.#gauge('ready_recipients', 'Recipients in the windows of ready queues.'),
      connections: this.#gauge('egress_connections', 'Open connections to receivers.'),
      sessions: this.#gauge('submission_sessions', 'Open sessions of submitters.'),
      forgedPaths: this.#gauge(
        'inbound_forged_paths',
        'Refused recipients that look like return paths of ours and are none, since the start. Many: somebody makes up bounces.',
      ),
      forgedLinks: this.#gauge(
        'web_forged_links',
        'Links that were followed and are none of ours, or were changed, since the start. Many: somebody guesses, or a program breaks them.',
      ),
      shedding: this.#gauge(
        'spool_shedding',
        '1 while mail is refused: draining, or a disk that is full or has failed.',
      ),
    }
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  async render(): Promise<string> {
    const status = await this.#desk.status()
    this.#gauges.waiting.set(status.waiting)
    this.#gauges.ready.set(status.ready)
    this.#gauges.connections.set(status.connections)
    this.#gauges.sessions.set(status.sessions)
    this.#gauges.forgedPaths.set(status.forgedPaths)
    this.#gauges.forgedLinks.set(status.forgedLinks)
    this.#gauges.shedding.set(status.isReady ? 0 : 1)
    await this.#showRates()
    this.#behind.reset()
    for (const { name, behind } of [...this.#feed.readers(), this.#search.reader()])
      this.#behind.set({ view: name }, behind)
    return this.#registry.metrics()
  }

  /** A store that is away leaves them as they were. */
  async #showRates(): Promise<void> {
    const sums = await this.#rates().catch(() => null)
    if (sums === null) return
    this.#ratio.reset()
    for (const sum of sums) {
      const { dimension: by, name, tenant } = sum
      this.#ratio.set({ what: 'complaints', by, name, tenant }, complaintRate(sum))
      this.#ratio.set({ what: 'bounces', by, name, tenant }, bounceRate(sum))
    }
  }

  /** Counts what comes from now on, until `signal` aborts. */
  follow(signal: AbortSignal, clock: Clock, log: Log): Promise<void> {
    let seen: FeedStart = 'now'
    const read = async () => {
      for await (const { events, cursor } of this.#feed.read(seen, signal, 'metrics')) {
        for (const { event } of events) this.#count(event)
        seen = cursor
      }
    }
    return persevere(read, signal, {
      clock,
      pause: TRY_AGAIN,
      failed: (thrown) =>
        log.warn({ error: messageOf(thrown) }, 'events cannot be counted now; it is tried again'),
    })
  }

  #count(event: Event): void {
    if ('sandbox' in event && event.sandbox) {
      this.#sandboxed.inc({ type: event.type })
      return
    }
    switch (event.type) {
      case 'message.received':
        this.#received.inc({ tenant: event.tenant, stream: event.stream })
        this.#recipients.inc(
          { tenant: event.tenant, stream: event.stream },
          event.recipients.length,
        )
        break
      case 'message.rejected':
        this.#rejected.inc({ code: event.reply.code })
        break
      case 'message.delivered':
      case 'message.deferred':
      case 'message.expired':
      case 'message.suppressed':
      case 'message.delayed':
      case 'message.released':
      case 'message.cancelled':
        this.#countOutcome(event)
        break
      case 'message.bounced':
        if (event.by === 'report') this.#countFeedback('bounced', event)
        else this.#countOutcome(event)
        break
      case 'message.complained':
      case 'message.unsubscribed':
        this.#countFeedback(event.type.slice('message.'.length), event)
        break
      case 'message.opened':
      case 'message.clicked': {
        const { machine, stream, tenant, type } = event
        const what = type.slice('message.'.length)
        this.#hits.inc({ what, tenant, stream, machine: machine ?? 'no' })
        break
      }
      case 'report.received':
        this.#reports.inc({ kind: event.kind, fate: event.fate })
        break
      default:
        break
    }
  }

  #countFeedback(what: string, { tenant, stream, certainty }: ReportedEvent): void {
    this.#feedback.inc({ what, tenant, stream, certainty })
  }

  #countOutcome(event: OutcomeEvent): void {
    const outcome = event.type.slice('message.'.length)
    this.#outcomes.inc({ outcome, tenant: event.tenant, stream: event.stream })
    if (!('reply' in event)) return
    this.#replies.inc({ outcome, code: event.reply.code })
    if (event.type !== 'message.delivered') return
    const { beforeQueue, inQueue, connect, transmit } = event.delays
    this.#delivery.observe(
      { stream: event.stream },
      (beforeQueue + inQueue + connect + transmit) / 1_000,
    )
  }

  #counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({
      name: `posthaste_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
    })
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `posthaste_${name}`, help, registers: [this.#registry] })
  }
}
