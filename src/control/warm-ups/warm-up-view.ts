// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that moves warm-ups: it counts what receivers answer, and every ten minutes lets each warm-up judge that. What
 * was counted and how far was read are written together, so that a crash neither loses nor repeats.
 *
 * Known limits: knows nothing of mail to sites of no provider. One process reads; control is one.
 */
import { type DurationMs, instant, ms, seconds } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { type Cursor, formatCursor, parseCursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import { dayOf } from '../../queue/warm-up/signals.ts'
import type { Decision } from '../../queue/warm-up/warm-up-state.ts'
import type { Directory } from '../../records/directory.ts'
import type { Store } from '../../records/store.ts'
import { type WarmUpRecord, warmUpKey } from '../../records/warm-up.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import type { FindWay } from '../rates/way-of-mail.ts'
import { EngagementNotes, hitIn } from './engagement.ts'
import { recordOf, warmUpOf } from './warm-up-codec.ts'
import type { WarmUpContext } from './warm-up-service.ts'
import { newsIn, noteOfAnswer, noteOfNews, type WarmUpNote } from './warm-up-signals.ts'

const VIEW = 'warm-ups'
/** A store that cannot be written now is asked again. */
const TRY_AGAIN = seconds(5)

export interface WarmUpViewParts extends WarmUpContext {
  readonly feed: EventFeed
  readonly directory: () => Directory
  readonly wayOf: FindWay
  readonly log: Log
}

export class WarmUpView {
  readonly #parts: WarmUpViewParts
  readonly #engaged: EngagementNotes
  /** Not yet in the records. */
  #notes: WarmUpNote[] = []
  #cursor: Cursor | null = null

  constructor(parts: WarmUpViewParts) {
    this.#parts = parts
    this.#engaged = new EngagementNotes(new AddressHasher(parts.records.keyring))
  }

  /** Until `signal` aborts; after a failure it goes on where it was. */
  async follow(signal: AbortSignal): Promise<void> {
    const { log, records } = this.#parts
    const failed = (thrown: unknown) =>
      log.warn({ error: messageOf(thrown) }, 'warm-ups cannot be judged now')
    const options = { clock: records.clock, pause: TRY_AGAIN, failed }
    await Promise.all([
      persevere(() => this.#read(signal), signal, options),
      persevere(() => this.#judgeOften(signal), signal, options),
    ])
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { feed, records } = this.#parts
    // What was read and not written is read again.
    this.#notes = []
    this.#engaged.clear()
    this.#cursor = null
    const cursor = await records.store.views.cursor(VIEW)
    const start = cursor === null ? 'oldest' : parseCursor(cursor)
    for await (const batch of feed.read(start, signal, VIEW)) {
      for (const { event } of batch.events) await this.#hear(event)
      this.#cursor = batch.cursor
      if (this.#notes.length >= warmUpLimits.notesKept || this.#engaged.isFull)
        await this.#write(() => [])
    }
  }

  async #hear(event: Event): Promise<void> {
    const hit = hitIn(event)
    // Also before anything is warmed up: whom a new source sends to first is known by then.
    if (hit !== null) this.#engaged.hear(hit)
    if (this.#parts.directory().warmUps.size === 0) return
    const note = noteOfAnswer(event, this.#parts.providerOf) ?? (await this.#newsOf(event))
    if (note !== null && this.#isWarmedUp(note)) this.#notes.push(note)
  }

  /** About mail that went out before: from where is in its own events. */
  async #newsOf(event: Event): Promise<WarmUpNote | null> {
    const kind = newsIn(event)
    if (kind === null || !('recipientIndex' in event)) return null
    const { at, messageId, recipientIndex } = event
    const hit = hitIn(event)
    if (hit !== null && !this.#engaged.isFirst(hit)) return null
    const { delivered } = await this.#parts.wayOf(messageId, recipientIndex)
    return delivered && noteOfNews(kind, at, delivered, this.#parts.providerOf)
  }

  #isWarmedUp({ provider, source }: WarmUpNote): boolean {
    return this.#parts.directory().warmUps.has(warmUpKey(source, provider))
  }

  async #judgeOften(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts.records
    while (!signal.aborted) {
      await clock.sleep(untilNextSlice(clock.now()), signal)
      if (signal.aborted) return
      await this.judge()
    }
  }

  /** Counts what was read, and lets every warm-up decide. */
  async judge(): Promise<void> {
    const { announce, records } = this.#parts
    const decided: [string, Decision][] = []
    await this.#write((warmUp) => {
      const decisions = warmUp.check(records.clock.now())
      for (const decision of decisions) decided.push([warmUp.place.source, decision])
      return decisions
    })
    for (const [source, decision] of decided) await announce(source, decision)
    await this.#engaged.sweep(records.store, dayOf(records.clock.now()))
  }

  async #write(
    decide: (warmUp: ReturnType<typeof warmUpOf>) => readonly Decision[],
  ): Promise<void> {
    const [notes, cursor, engaged] = [this.#notes, this.#cursor, this.#engaged.take()]
    this.#notes = []
    try {
      await this.#parts.records.store.transaction(async (store) => {
        await this.#writeAll(store, notes, decide)
        await store.engagement.note(engaged)
        if (cursor !== null) await store.views.put(VIEW, formatCursor(cursor))
      })
    } catch (thrown) {
      // The store is away: what was counted is counted then.
      this.#notes = [...notes, ...this.#notes]
      this.#engaged.giveBack(engaged)
      throw thrown
    }
  }

  async #writeAll(
    store: Store,
    notes: readonly WarmUpNote[],
    decide: (warmUp: ReturnType<typeof warmUpOf>) => readonly Decision[],
  ): Promise<void> {
    const byKey = Map.groupBy(notes, ({ provider, source }) => warmUpKey(source, provider))
    for (const before of await store.warmUps.list()) {
      const warmUp = warmUpOf(before, this.#parts.rules())
      const position = warmUp.position
      const own = byKey.get(warmUpKey(before.source, before.provider)) ?? []
      const counted = own.filter(({ at }) => at >= before.startedAt)
      for (const { at, code, kind } of counted) warmUp.signals.note(kind, at, 1, code)
      const decisions = decide(warmUp)
      const isSame = counted.length + decisions.length === 0 && warmUp.position === position
      if (!isSame) await store.warmUps.put(this.#recordOf(warmUp, before, decisions))
    }
  }

  #recordOf(
    warmUp: ReturnType<typeof warmUpOf>,
    before: WarmUpRecord,
    decisions: readonly Decision[],
  ): WarmUpRecord {
    return recordOf(warmUp, before, decisions, this.#parts.records.clock.now())
  }
}

/** A second after it began, so that what happened before it has been read. */
function untilNextSlice(now: number): DurationMs {
  const next = (Math.floor(now / warmUpLimits.sliceMs) + 1) * warmUpLimits.sliceMs
  return ms(instant(next) - now + 1_000)
}
