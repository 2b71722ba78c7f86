// SPDX-License-Identifier: Apache-2.0
/**
 * Tells one endpoint what happens: a reader that puts events into its line, and senders that take from it. What both do is in the
 * ledger within a second; what was sent in the last one may be sent again.
 */
import { type Instant, ms, seconds } from '../../base/brand.ts'
import { ChangeNotice } from '../../base/change-notice.ts'
import { messageOf } from '../../base/errors.ts'
import { persevere } from '../../base/persevere.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import type { EventFacts } from '../../events/event-facts.ts'
import { signatureFields } from '../../protocol/standard-webhooks.ts'
import { queueMatcher } from '../../queue/queue-pattern.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'
import { signingKeysOf } from '../../records/webhooks/webhook-secret.ts'
import { cursorAfter, type EventBatch } from '../../spool/event-feed.ts'
import type { Delivery } from './delivery.ts'
import { DeliveryLine, type Outcome } from './delivery-line.ts'
import type { EndpointAnswer } from './endpoint-caller.ts'
import type { SenderParts } from './sender-parts.ts'
import { bodyOf } from './webhook-body.ts'
import type { EndpointPlace } from './webhook-ledger.ts'

const TRY_AGAIN = seconds(5)
/** When all is seen, so long it waits for more: a thousand endpoints need not look at each event by itself. */
const PAUSE = ms(50)
const FEW_EVENTS = 100
const LAST_MOMENT = seconds(2)

export class EndpointSender {
  readonly #parts: SenderParts
  readonly #line: DeliveryLine
  readonly #changes = new ChangeNotice()
  readonly #stop = new AbortController()
  /** Aborts a little later. */
  readonly #calls = new AbortController()
  #webhook: Webhook
  #isFor: (event: Event) => boolean
  #position: Cursor
  readonly #since: Instant
  #isChanged = false
  /** All that is under way. */
  readonly #running: Promise<unknown>

  constructor(parts: SenderParts, webhook: Webhook, place: EndpointPlace) {
    this.#parts = parts
    this.#webhook = webhook
    this.#isFor = filterOf(webhook)
    this.#position = place.position
    this.#since = place.since
    this.#line = new DeliveryLine(parts.records.random, place.line)
    this.#running = Promise.all([this.#persevere(() => this.#read()), this.#send()])
  }

  get webhook(): Webhook {
    return this.#webhook
  }

  /** It was changed. */
  become(webhook: Webhook): void {
    this.#webhook = webhook
    this.#isFor = filterOf(webhook)
    this.#changes.announce()
  }

  /** What has to be saved; `null`: nothing since it was asked last. */
  takeChanges(): EndpointPlace | null {
    if (!this.#isChanged) return null
    this.#isChanged = false
    const line = this.#line.saved(this.#parts.records.clock.now())
    return { position: this.#position, since: this.#since, line }
  }

  /** Requests that are under way have a moment to end; what is broken off is made again. */
  async stop(): Promise<void> {
    this.#stop.abort()
    const timer = this.#parts.records.clock.after(LAST_MOMENT, () => this.#calls.abort())
    await this.#running
    timer.cancel()
  }

  #persevere(work: () => Promise<void>): Promise<void> {
    const { log, records } = this.#parts
    return persevere(work, this.#stop.signal, {
      clock: records.clock,
      pause: TRY_AGAIN,
      failed: (thrown) =>
        log.warn(
          { webhook: this.#webhook.id, error: messageOf(thrown) },
          'events for a webhook cannot be read now',
        ),
    })
  }

  /** A reader that is let go has nothing in memory: while an endpoint is down there is none. */
  async #read(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#untilRoom()
      for await (const batch of this.#parts.feed.read(this.#position, signal))
        if (!(await this.#take(batch))) break
    }
  }

  /** `false`: the endpoint is down or paused, and the rest is read later. */
  async #take(batch: EventBatch): Promise<boolean> {
    const { clock } = this.#parts.records
    for (const fed of batch.events) {
      if (!this.#isFor(fed.event) || Date.parse(fed.event.at) < this.#since) continue
      if (!this.#hasRoom() && !(await this.#untilRoomOrDown())) return false
      const { batchEvents, batchWait } = this.#webhook
      this.#line.add(fed, { events: batchEvents, wait: batchWait }, clock.now())
      this.#position = cursorAfter({ ...batch, cursor: this.#position }, fed)
      this.#changed()
    }
    this.#position = batch.cursor
    this.#isChanged = true
    if (batch.events.length < FEW_EVENTS) await clock.sleep(PAUSE, this.#stop.signal)
    return true
  }

  #hasRoom(): boolean {
    return !this.#webhook.isPaused && this.#line.wantsMore
  }

  async #untilRoom(): Promise<void> {
    while (!this.#hasRoom() && !this.#stop.signal.aborted) await this.#change()
  }

  /** A line that is full has room again soon, while its endpoint is up. */
  async #untilRoomOrDown(): Promise<boolean> {
    while (!this.#stop.signal.aborted) {
      if (this.#hasRoom()) return true
      if (this.#webhook.isPaused || this.#line.health.kind === 'down') return false
      await this.#change()
    }
    return false
  }

  async #send(): Promise<void> {
    const { clock } = this.#parts.records
    const sending = new Set<Promise<void>>()
    while (!this.#stop.signal.aborted) {
      const now = clock.now()
      const step = this.#webhook.isPaused
        ? ({ kind: 'wait', until: null } as const)
        : this.#line.next(now)
      if (step.kind === 'send') {
        const work = this.#attempt(step.delivery).finally(() => sending.delete(work))
        sending.add(work)
      } else {
        const timer = step.until === null ? null : clock.after(ms(step.until - now), this.#wake)
        await this.#change()
        timer?.cancel()
      }
    }
    await Promise.all(sending)
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { clock } = this.#parts.records
    const outcome = await this.#outcomeOf(delivery)
    if (this.#calls.signal.aborted) return
    if (this.#line.settle(delivery, outcome, clock.now()))
      this.#parts.log.warn(
        { webhook: this.#webhook.id, delivery: delivery.id },
        'a webhook has not taken a request for days: it is given up',
      )
    this.#changed()
  }

  async #outcomeOf(delivery: Delivery): Promise<Outcome> {
    const { caller, feed, records } = this.#parts
    const { batchEvents, url } = this.#webhook
    try {
      const events = delivery.texts ?? (await feed.at(delivery.events))
      const kept = events.filter((event) => event !== null)
      if (kept.length === 0) return { kind: 'gone' }
      const body = bodyOf(kept, batchEvents > 1)
      const now = records.clock.now()
      const keys = signingKeysOf(this.#webhook, records.keyring, now)
      const fields = signatureFields(delivery.id, Math.floor(now / 1_000), body, keys)
      return outcomeOf(await caller.call({ url, fields, body }, this.#calls.signal))
    } catch (thrown) {
      // A disk that cannot be read now, a key file that is another one.
      this.#parts.log.warn(
        { webhook: this.#webhook.id, error: messageOf(thrown) },
        'a request to a webhook could not be made',
      )
      return { kind: 'failed', retryAfter: null }
    }
  }

  #changed(): void {
    this.#isChanged = true
    this.#changes.announce()
  }

  readonly #wake = (): void => this.#changes.announce()

  #change(): Promise<void> {
    return this.#changes.next(this.#stop.signal)
  }
}

function outcomeOf(answer: EndpointAnswer): Outcome {
  if (answer.kind === 'failed') return { kind: 'failed', retryAfter: null }
  return answer.status >= 200 && answer.status < 300
    ? { kind: 'taken' }
    : { kind: 'failed', retryAfter: answer.retryAfter }
}

function filterOf({ stream, tenant, types }: Webhook): (event: Event) => boolean {
  const wanted = types.map(queueMatcher)
  return (event) => {
    if (event.tenant !== tenant) return false
    const facts: EventFacts = event
    if (stream !== null && facts.stream !== stream) return false
    return wanted.length === 0 || wanted.some((is) => is(event.type))
  }
}
