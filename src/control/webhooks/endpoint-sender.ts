// SPDX-License-Identifier: Apache-2.0
/**
 * Tells one endpoint what happens: a reader that puts events into its line, and senders that take from it. What both do is in the
 * ledger within a second; what was sent in the last one may be sent again.
 */
import { type Instant, instant, ms, seconds } from '../../base/brand.ts'
import { ChangeNotice } from '../../base/change-notice.ts'
import { messageOf } from '../../base/errors.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import { persevere } from '../../base/persevere.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import type { Webhook } from '../../records/webhooks/webhook.ts'
import { pauseWebhook } from '../../records/webhooks/webhook-service.ts'
import {
  cursorAfter,
  type EventBatch,
  type EventFeed,
  type EventPlace,
} from '../../spool/event-feed.ts'
import type { Delivery, SavedDelivery } from './delivery.ts'
import { DeliveryLine, type EndpointHealth, type Outcome } from './delivery-line.ts'
import type { EndpointAnswer, EndpointFailure } from './endpoint-caller.ts'
import { EndpointNews, loggedAttempt, type TakenNews, whatCame } from './endpoint-news.ts'
import type { SenderParts } from './sender-parts.ts'
import { type SignedRequest, signed } from './signed-request.ts'
import { bodyOf } from './webhook-body.ts'
import { filterOf } from './webhook-filter.ts'
import type { EndpointPlace } from './webhook-ledger.ts'

const TRY_AGAIN = seconds(5)
/** When all is seen, so long it waits for more: a thousand endpoints need not look at each event by itself. */
const PAUSE = ms(50)
const FEW_EVENTS = 100
const LAST_MOMENT = seconds(2)
const GONE = 410
const LOST = 'a webhook is not told of events that are kept no more'

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
  #since: Instant
  /** Aborts when it goes back: what is being read is not what comes next. */
  #reading = new AbortController()
  readonly #news = new EndpointNews()
  #isChanged = false
  /** Of the wall clock, less the monotonic one. */
  readonly #beganAt: number
  /** All that is under way. */
  readonly #running: Promise<unknown>

  constructor(parts: SenderParts, webhook: Webhook, place: EndpointPlace) {
    this.#parts = parts
    this.#webhook = webhook
    this.#isFor = filterOf(webhook)
    this.#position = place.position
    this.#since = place.since
    const { clock, random } = parts.records
    this.#beganAt = clock.now() - clock.monotonic()
    this.#line = new DeliveryLine(random, place.line, clock.now())
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

  get health(): EndpointHealth {
    return this.#line.health
  }

  /** Requests that are under way, or wait. */
  get waiting(): number {
    return this.#line.length
  }

  get hasRoom(): boolean {
    return this.#line.hasRoom
  }

  /** Everything since then is sent again, and what happens meanwhile after it. */
  goBack(position: Cursor, since: Instant): void {
    this.#reading.abort()
    this.#position = position
    this.#since = since
    this.#changed()
  }

  revive(delivery: SavedDelivery): void {
    this.#line.addAgain(delivery)
    this.#changed()
  }

  /** How far it is now. */
  get place(): EndpointPlace {
    return { position: this.#position, since: this.#since, line: this.#line.saved(this.#now()) }
  }

  /** What has to be saved; `place` is `null` where it is what it was when it was asked last. */
  takeChanges(): { readonly place: EndpointPlace | null; readonly news: TakenNews } {
    const place = this.#isChanged ? this.place : null
    this.#isChanged = false
    return { place, news: this.#news.take() }
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
      this.#reading = new AbortController()
      const reading = AbortSignal.any([signal, this.#reading.signal])
      for await (const batch of this.#parts.feed.read(this.#position, reading))
        if (!(await this.#take(batch, reading))) break
    }
  }

  /** `false`: the endpoint is down or paused, and the rest is read later. */
  async #take(batch: EventBatch, reading: AbortSignal): Promise<boolean> {
    if (reading.aborted) return false
    const { clock } = this.#parts.records
    for (const fed of batch.events) {
      if (!this.#isFor(fed.event) || Date.parse(fed.event.at) < this.#since) continue
      if (!this.#hasRoom() && !(await this.#untilRoomOrDown(reading))) return false
      const { batchEvents, batchWait } = this.#webhook
      this.#line.add(fed, { events: batchEvents, wait: batchWait }, this.#now())
      this.#position = cursorAfter({ ...batch, cursor: this.#position }, fed)
      this.#changed()
    }
    this.#position = batch.cursor
    this.#isChanged = true
    if (batch.events.length < FEW_EVENTS) await clock.sleep(PAUSE, reading)
    return true
  }

  #hasRoom(): boolean {
    return !this.#webhook.isPaused && this.#line.wantsMore
  }

  async #untilRoom(): Promise<void> {
    while (!this.#hasRoom() && !this.#stop.signal.aborted) await this.#change()
  }

  /** A line that is full has room again soon, while its endpoint is up. */
  async #untilRoomOrDown(reading: AbortSignal): Promise<boolean> {
    while (!reading.aborted) {
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
      const now = this.#now()
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
    const { caller, clock } = { ...this.#parts, ...this.#parts.records }
    const { url } = this.#webhook
    const startedAt = clock.now()
    const started = clock.monotonic()
    const made = await this.#request(delivery)
    const answer =
      made === null || made.kind === 'failed'
        ? made
        : await caller.call({ url, ...made }, this.#calls.signal)
    if (this.#calls.signal.aborted) return
    const now = this.#now()
    const isDead = this.#line.settle(delivery, outcomeOf(answer), now)
    if (answer === null) this.#parts.log.warn({ webhook: this.#webhook.id }, LOST)
    else {
      const webhook = this.#webhook.id
      const { attempts: attempt, events, id } = delivery
      const duration = ms(clock.monotonic() - started)
      const about = { webhook, at: startedAt, delivery: id, events, attempt, url, duration }
      this.#news.attempt(loggedAttempt(about, answer))
      if (isDead)
        this.#news.dead({
          ...{ webhook, delivery: delivery.saved(now), deadAt: now },
          why: whatCame(answer),
        })
      if (answer.kind === 'answered' && answer.status === GONE) await this.#pause()
    }
    this.#changed()
  }

  /** `null`: nothing is kept of its events. */
  async #request(delivery: Delivery): Promise<SignedRequest | EndpointFailure | null> {
    const { feed, log, records } = this.#parts
    try {
      const events = delivery.texts ?? (await textsOf(feed, delivery.events))
      const kept = events.filter((event) => event !== null)
      if (kept.length === 0) return null
      const body = bodyOf(kept, this.#webhook.batchEvents > 1)
      return signed(this.#webhook, delivery.id, body, records)
    } catch (thrown) {
      // A disk that cannot be read now, a key file that is another one.
      const why = `the request could not be made: ${messageOf(thrown)}`
      log.warn({ webhook: this.#webhook.id, error: messageOf(thrown) }, why)
      return { kind: 'failed', why: 'the relay could not make the request; its log says why' }
    }
  }

  /** It says that nobody wants this any more (Standard Webhooks). A store that is away now is asked at the next attempt. */
  async #pause(): Promise<void> {
    const { log, records } = this.#parts
    const { id } = this.#webhook
    try {
      this.#webhook = { ...this.#webhook, isPaused: true }
      await pauseWebhook(records.store, id)
      log.warn({ webhook: id }, 'a webhook has answered 410 Gone: it is paused')
    } catch (thrown) {
      log.warn({ webhook: id, error: messageOf(thrown) }, 'a webhook cannot be paused now')
    }
  }

  #changed(): void {
    this.#isChanged = true
    this.#changes.announce()
  }

  /** By the wall clock as it was: nobody waits for longer because it was set back since. */
  #now(): Instant {
    return instant(this.#beganAt + this.#parts.records.clock.monotonic())
  }

  readonly #wake = (): void => this.#changes.announce()

  #change(): Promise<void> {
    return this.#changes.next(this.#stop.signal)
  }
}

function outcomeOf(answer: EndpointAnswer | null): Outcome {
  if (answer === null) return { kind: 'gone' }
  if (answer.kind === 'failed') return { kind: 'failed', retryAfter: null }
  return answer.status >= 200 && answer.status < 300
    ? { kind: 'taken' }
    : { kind: 'failed', retryAfter: answer.retryAfter }
}

/** Each costs an open file while it is read. */
async function textsOf(feed: EventFeed, places: readonly EventPlace[]): Promise<(Event | null)[]> {
  const texts: (Event | null)[] = []
  for (let from = 0; from < places.length; from += callLimits.readTogether)
    texts.push(...(await feed.at(places.slice(from, from + callLimits.readTogether))))
  return texts
}
