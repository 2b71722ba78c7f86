// SPDX-License-Identifier: Apache-2.0
/** A view of events that tells endpoints of them: a sender for each endpoint that is set up, and once a second what all of them have done into the ledger. */
import { type Instant, instant, ms, seconds } from '../../base/brand.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import { persevere } from '../../base/persevere.ts'
import { type Event, timestampOf } from '../../events/event.ts'
import type { Webhook, WebhookId } from '../../records/webhooks/webhook.ts'
import type { EndpointHealth } from './delivery-line.ts'
import { loggedAttempt } from './endpoint-news.ts'
import { EndpointSender } from './endpoint-sender.ts'
import { OutageWatch } from './outage-watch.ts'
import type { WebhookParts } from './sender-parts.ts'
import { signed } from './signed-request.ts'
import { skippedTypes } from './webhook-filter.ts'
import type {
  DeadLetter,
  EndpointPlace,
  EndpointPlaces,
  LoggedAttempt,
  WebhookLedger,
} from './webhook-ledger.ts'

/** The records are looked at, and the ledger is written, so often. */
const EVERY = seconds(1)
const TRY_AGAIN = seconds(5)
const nothing = { places: [], attempts: [], dead: [], revived: [] }

class Unwritten {
  readonly places = new Map<WebhookId, EndpointPlaces>()
  readonly attempts: LoggedAttempt[] = []
  readonly dead: DeadLetter[] = []
  readonly revived: number[] = []
}

export class WebhookSender {
  readonly #parts: WebhookParts
  readonly #senders = new Map<WebhookId, EndpointSender>()
  /** Endpoints of which dead letters may wait to be sent again. */
  readonly #asked = new Set<WebhookId>()
  readonly #outages = new OutageWatch()
  /** Sentences about stored patterns that break the bounds: each is said once. */
  #skipped: ReadonlySet<string> = new Set()
  #unwritten = new Unwritten()
  #version: number | null = null
  /** `null`: not yet, or no more. */
  #ledger: WebhookLedger | null = null

  constructor(parts: WebhookParts) {
    this.#parts = parts
  }

  /** Until `signal` aborts; after a failure it goes on where it was. */
  async follow(signal: AbortSignal): Promise<void> {
    const { caller, log, records } = this.#parts
    await persevere(() => this.#followRecords(signal), signal, {
      clock: records.clock,
      pause: TRY_AGAIN,
      failed: (thrown) =>
        log.warn({ error: messageOf(thrown) }, 'what webhooks have done cannot be kept now'),
    })
    await Promise.all([...this.#senders.values()].map((sender) => sender.stop()))
    this.#trySave()
    this.#ledger?.[Symbol.dispose]()
    this.#ledger = null
    caller.close()
  }

  /** Sends everything since then again. Throws `RLY_BUSY` where it does not run yet. */
  async goBack(id: WebhookId, since: Instant): Promise<void> {
    const { sender } = this.#running(id)
    sender.goBack(await this.#parts.feed.positionAt(since, new AbortController().signal), since)
  }

  /** Sends dead letters again, all or those of these numbers. Gives how many. */
  askAgain(id: WebhookId, numbers: readonly number[] | null): number {
    const { ledger } = this.#running(id)
    const count = ledger.askAgain(id, numbers)
    this.#asked.add(id)
    return count
  }

  /** One request that says nothing, now. */
  async test(webhook: Webhook, signal: AbortSignal): Promise<LoggedAttempt> {
    const { caller, records } = this.#parts
    const { clock, random } = records
    const { id, url } = webhook
    const at = clock.now()
    const started = clock.monotonic()
    const delivery = `test_${random.bytes(10).toString('hex')}`
    const data = { webhook: id, tenant: webhook.tenant }
    const test = { type: 'webhook.test', timestamp: timestampOf(at), data }
    const made = signed(webhook, delivery, Buffer.from(JSON.stringify(test)), records)
    const answer = await caller.call({ url, ...made }, signal)
    const duration = ms(clock.monotonic() - started)
    const about = { webhook: id, at, delivery, events: [], attempt: 1, url, duration }
    const done = loggedAttempt(about, answer)
    this.#ledger?.save({ ...nothing, attempts: [done] })
    return done
  }

  /** How an endpoint is now, and what is kept of it. */
  look(id: WebhookId): { readonly sender: EndpointSender; readonly ledger: WebhookLedger } {
    return this.#running(id)
  }

  /** `null`: it is not taken up yet, or any more. */
  healthOf(id: WebhookId): EndpointHealth['kind'] | null {
    return this.#senders.get(id)?.health.kind ?? null
  }

  /** What a request said; an event that is not kept any more is left out. */
  async eventsOf({ events }: LoggedAttempt): Promise<readonly Event[]> {
    return (await this.#parts.feed.at(events)).filter((event) => event !== null)
  }

  #running(id: WebhookId) {
    const sender = this.#senders.get(id)
    const ledger = this.#ledger
    if (sender !== undefined && ledger !== null) return { sender, ledger }
    throw new RelayError('RLY_BUSY', 'the relay is just taking this webhook up; try again')
  }

  async #followRecords(signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#parts.records
    while (!signal.aborted) {
      const ledger = this.#soundLedger()
      const version = await store.version()
      if (version !== this.#version) {
        await this.#adopt(ledger, await store.webhooks.list(), signal)
        this.#version = version
      }
      await clock.sleep(EVERY, signal)
      this.#save()
    }
  }

  /** One that was damaged since it was opened gives way to a new one: how far endpoints are is in memory. */
  #soundLedger(): WebhookLedger {
    const { announce, log, openLedger } = this.#parts
    const before = this.#ledger
    const damage = before?.damage() ?? null
    if (before === null || damage === null) {
      this.#ledger ??= openLedger()
      return this.#ledger
    }
    const dead = deadLettersIn(before, [...this.#senders.keys()], this.#unwritten.revived)
    const path = before.setAside()
    this.#ledger = null
    const ledger = openLedger()
    this.#ledger = ledger
    for (const [webhook, { place }] of this.#senders)
      this.#unwritten.places.set(webhook, { webhook, place })
    this.#unwritten.dead.unshift(...dead)
    this.#unwritten.revived.length = 0
    this.#save()
    const where = path === null ? 'it is gone' : `it is at ${path} now`
    const text = `the ledger of webhooks was damaged (${damage}; ${where}) and is made anew: endpoints go on where they were, with ${dead.length} dead letters; the log of requests begins anew`
    log.error({ damage, path, dead: dead.length }, text)
    announce('webhookLedger', text, null)
    return ledger
  }

  async #adopt(
    ledger: WebhookLedger,
    webhooks: readonly Webhook[],
    signal: AbortSignal,
  ): Promise<void> {
    const ids = new Set(webhooks.map(({ id }) => id))
    for (const [id, sender] of this.#senders) {
      if (ids.has(id)) continue
      this.#senders.delete(id)
      this.#outages.forget(id)
      await sender.stop()
    }
    ledger.keepOnly([...ids])
    this.#sayWhatIsSkipped(webhooks)
    for (const webhook of webhooks) {
      const known = this.#senders.get(webhook.id)
      if (known !== undefined) known.become(webhook)
      else await this.#begin(ledger, webhook, signal)
    }
  }

  #sayWhatIsSkipped(webhooks: readonly Webhook[]): void {
    const skipped = new Map(
      webhooks.flatMap((webhook) =>
        skippedTypes(webhook).map((text) => [text, webhook.tenant] as const),
      ),
    )
    for (const [text, tenant] of skipped)
      if (!this.#skipped.has(text)) this.#parts.announce('webhookType', text, tenant)
    this.#skipped = new Set(skipped.keys())
  }

  async #begin(ledger: WebhookLedger, webhook: Webhook, signal: AbortSignal): Promise<void> {
    const known = ledger.place(webhook.id)
    const place = known ?? (await this.#firstPlace(ledger, webhook, signal))
    if (signal.aborted) return
    this.#senders.set(webhook.id, new EndpointSender(this.#parts, webhook, place))
    this.#asked.add(webhook.id)
  }

  /** What happened before there was a ledger, or the endpoint, is not for it. */
  async #firstPlace(
    ledger: WebhookLedger,
    { createdAt, id }: Webhook,
    signal: AbortSignal,
  ): Promise<EndpointPlace> {
    const { feed } = this.#parts
    const since: Instant = instant(Math.max(createdAt, ledger.madeAt))
    const place = { position: await feed.positionAt(since, signal), since, line: [] }
    if (!signal.aborted) ledger.save({ ...nothing, places: [{ webhook: id, place }] })
    return place
  }

  /** What a disk does not take now is written next time. */
  #save(): void {
    const ledger = this.#ledger
    if (ledger === null) return
    const unwritten = this.#unwritten
    unwritten.revived.push(...this.#revive(ledger))
    for (const [webhook, sender] of this.#senders) {
      const { news, place } = sender.takeChanges()
      if (place !== null) unwritten.places.set(webhook, { webhook, place })
      unwritten.attempts.push(...news.attempts)
      unwritten.dead.push(...news.dead)
      this.#tell(sender, news.dead.length)
    }
    unwritten.attempts.splice(0, unwritten.attempts.length - callLimits.unwritten)
    const { attempts, dead, places, revived } = unwritten
    if (places.size + attempts.length === 0) return
    ledger.save({ places: [...places.values()], attempts, dead, revived })
    this.#unwritten = new Unwritten()
  }

  #tell({ health, webhook }: EndpointSender, dead: number): void {
    const { announce, records } = this.#parts
    const { id, tenant } = webhook
    const notice = this.#outages.look(webhook, health, records.clock.now())
    if (notice !== null) announce(notice.what, notice.text, tenant)
    if (dead === 0) return
    const what = dead === 1 ? 'one request' : `${dead} requests`
    announce('webhookDead', `webhook ${id} has not taken ${what} for three days`, tenant)
  }

  /** Puts dead letters that shall be sent again into lines that have room. */
  #revive(ledger: WebhookLedger): readonly number[] {
    return [...this.#asked].flatMap((id) => {
      const sender = this.#senders.get(id)
      const letters = sender?.hasRoom ? ledger.again(id, callLimits.revivedAtOnce) : []
      for (const { delivery } of letters) sender?.revive(delivery)
      if (sender === undefined || (sender.hasRoom && letters.length < callLimits.revivedAtOnce))
        this.#asked.delete(id)
      return letters.map(({ number }) => number)
    })
  }

  #trySave(): void {
    try {
      this.#save()
    } catch (thrown) {
      // No room on the disk: what was sent last is sent again.
      this.#parts.log.warn({ error: messageOf(thrown) }, 'the end of webhooks could not be kept')
    }
  }
}

/** As far as they can be read; those that wait to be sent again must be asked for once more. */
function deadLettersIn(
  ledger: WebhookLedger,
  webhooks: readonly WebhookId[],
  revived: readonly number[],
): readonly DeadLetter[] {
  return webhooks.flatMap((id) => {
    try {
      return ledger
        .dead(id, null, callLimits.keptDead)
        .filter(({ number }) => !revived.includes(number))
        .reverse()
    } catch {
      // It is damaged: what cannot be read is lost.
      return []
    }
  })
}
