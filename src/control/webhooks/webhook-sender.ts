// SPDX-License-Identifier: Apache-2.0
/** A view of events that tells endpoints of them: a sender for each endpoint that is set up, and once a second what all of them have done into the ledger. */
import { type Instant, instant, seconds } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import { persevere } from '../../base/persevere.ts'
import type { Webhook, WebhookId } from '../../records/webhooks/webhook.ts'
import { EndpointSender } from './endpoint-sender.ts'
import type { WebhookParts } from './sender-parts.ts'
import type { EndpointPlace, WebhookLedger } from './webhook-ledger.ts'

/** The records are looked at, and the ledger is written, so often. */
const EVERY = seconds(1)
const TRY_AGAIN = seconds(5)

export class WebhookSender {
  readonly #parts: WebhookParts
  readonly #senders = new Map<WebhookId, EndpointSender>()
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

  async #followRecords(signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#parts.records
    this.#ledger ??= this.#parts.openLedger()
    const ledger = this.#ledger
    while (!signal.aborted) {
      const version = await store.version()
      if (version !== this.#version) {
        await this.#adopt(ledger, await store.webhooks.list(), signal)
        this.#version = version
      }
      await clock.sleep(EVERY, signal)
      this.#save()
    }
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
      await sender.stop()
    }
    ledger.keepOnly([...ids])
    for (const webhook of webhooks) {
      const known = this.#senders.get(webhook.id)
      if (known !== undefined) known.become(webhook)
      else await this.#begin(ledger, webhook, signal)
    }
  }

  async #begin(ledger: WebhookLedger, webhook: Webhook, signal: AbortSignal): Promise<void> {
    const known = ledger.place(webhook.id)
    const place = known ?? (await this.#firstPlace(ledger, webhook, signal))
    if (signal.aborted) return
    this.#senders.set(webhook.id, new EndpointSender(this.#parts, webhook, place))
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
    if (!signal.aborted) ledger.save([{ webhook: id, place }])
    return place
  }

  #save(): void {
    const places = [...this.#senders].flatMap(([webhook, sender]) => {
      const place = sender.takeChanges()
      return place === null ? [] : [{ webhook, place }]
    })
    if (places.length > 0) this.#ledger?.save(places)
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
