// SPDX-License-Identifier: Apache-2.0
/**
 * Prometheus metrics: a view of events, read from the log as it grows, and gauges of what is open and waits.
 * A counter starts at zero with the process; the event log keeps the history.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Event, OutcomeEvent } from '../events/event.ts'
import type { EventLog } from '../spool/event-log.ts'

/** Seconds; from a reused connection on a fast network to a slow greylister. */
const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 900, 3_600, 14_400, 86_400]

export interface Gauges {
  readonly waiting: () => number
  readonly ready: () => number
  readonly connections: () => number
  readonly sessions: () => number
  readonly isShedding: () => boolean
}

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
  readonly #delivery = new Histogram({
    name: 'posthaste_delivery_seconds',
    help: 'From reception to delivery. A growing tail with a flat middle means deferrals: see "queue list".',
    labelNames: ['stream'],
    buckets: SECONDS,
    registers: [this.#registry],
  })

  constructor(gauges: Gauges) {
    this.#gauge(
      'waiting_recipients',
      'Recipients that wait in the index. Grows while receivers defer or a site is down.',
      gauges.waiting,
    )
    this.#gauge('ready_recipients', 'Recipients in the windows of ready queues.', gauges.ready)
    this.#gauge('egress_connections', 'Open connections to receivers.', gauges.connections)
    this.#gauge('submission_sessions', 'Open sessions of submitters.', gauges.sessions)
    this.#gauge(
      'spool_shedding',
      '1 while mail is refused with 452 4.3.1: disk full or failed.',
      () => (gauges.isShedding() ? 1 : 0),
    )
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  render(): Promise<string> {
    return this.#registry.metrics()
  }

  /** Counts from now on, until `signal` aborts. */
  async follow(events: EventLog, signal: AbortSignal): Promise<void> {
    for await (const { event } of events.read('now', signal)) this.#count(event)
  }

  #count(event: Event): void {
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
      case 'message.bounced':
      case 'message.expired':
        this.#countOutcome(event)
        break
      default:
        break
    }
  }

  #countOutcome(event: OutcomeEvent): void {
    const outcome = event.type.slice('message.'.length)
    this.#outcomes.inc({ outcome, tenant: event.tenant, stream: event.stream })
    if (event.type === 'message.expired') return
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

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `posthaste_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }
}
