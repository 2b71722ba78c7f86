// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that moves warm-ups: it counts what receivers answer, and every ten minutes lets each warm-up judge that. What
 * was counted and how far was read are written together (`event-counter.ts`), and shown before.
 *
 * Known limits: knows nothing of mail to sites of no provider.
 */
import { type DurationMs, instant, ms } from '../../base/brand.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import type { Log } from '../../base/log.ts'
import type { Event } from '../../events/event.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import { dayOf } from '../../queue/warm-up/signals.ts'
import type { WarmUp } from '../../queue/warm-up/warm-up.ts'
import type { Decision } from '../../queue/warm-up/warm-up-state.ts'
import type { Directory } from '../../records/directory.ts'
import type { Engaged } from '../../records/engagement.ts'
import type { Store } from '../../records/store.ts'
import { type WarmUpRecord, warmUpKey } from '../../records/warm-up.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { type Counted, EventCounter } from '../counting/event-counter.ts'
import type { FindWay } from '../rates/way-of-mail.ts'
import { Engagement, type Hit, hitIn } from './engagement.ts'
import { recordOf, warmUpOf } from './warm-up-codec.ts'
import type { WarmUpContext } from './warm-up-service.ts'
import { newsIn, noteOfAnswer, noteOfNews, type WarmUpNote } from './warm-up-signals.ts'

export interface WarmUpViewParts extends WarmUpContext {
  readonly feed: EventFeed
  readonly directory: () => Directory
  readonly wayOf: FindWay
  readonly log: Log
}

/** What an event says of a source, or of a recipient. */
type Count =
  | { readonly kind: 'signal'; readonly note: WarmUpNote }
  | { readonly kind: 'engaged'; readonly engaged: Engaged }

/** Of one source. */
interface Decided {
  readonly source: string
  readonly decision: Decision
}

export class WarmUpView {
  readonly #parts: WarmUpViewParts
  readonly #engagement: Engagement
  readonly #counter: EventCounter<Count>

  constructor(parts: WarmUpViewParts) {
    this.#parts = parts
    this.#engagement = new Engagement(new AddressHasher(parts.records.keyring))
    this.#counter = new EventCounter({
      ...parts,
      view: 'warm-ups',
      trouble: 'warm-ups cannot be judged now',
      countsOf: (event) => this.#countsOf(event),
      onAnew: () => this.#engagement.beginAnew(),
      most: warmUpLimits.notesKept,
      onFull: async () => void (await this.#write(() => [])),
    })
  }

  /** Until `signal` aborts; after a failure it goes on where it was. */
  follow(signal: AbortSignal): Promise<void> {
    return this.#counter.follow(
      (clock) => untilNextSlice(clock.now()),
      () => this.judge(),
      signal,
    )
  }

  #countsOf(event: Event): Counted<Count> {
    const hit = hitIn(event)
    const isNothing = hit === null && this.#parts.directory().warmUps.size === 0
    return isNothing ? [] : this.#countsWith(event, hit)
  }

  async #countsWith(event: Event, hit: Hit | null): Promise<readonly Count[]> {
    // Also before anything is warmed up: whom a new source sends to first is known by then.
    const engaged = hit && this.#engagement.engagedIn(hit)
    const note = await this.#noteOf(event)
    return [
      ...(engaged === null ? [] : [{ kind: 'engaged', engaged } as const]),
      ...(note === null ? [] : [{ kind: 'signal', note } as const]),
    ]
  }

  async #noteOf(event: Event): Promise<WarmUpNote | null> {
    const { warmUps } = this.#parts.directory()
    if (warmUps.size === 0) return null
    const note = noteOfAnswer(event, this.#parts.providerOf) ?? (await this.#newsOf(event))
    return note !== null && warmUps.has(warmUpKey(note.source, note.provider)) ? note : null
  }

  /** About mail that went out before: from where is in its own events. */
  async #newsOf(event: Event): Promise<WarmUpNote | null> {
    const kind = newsIn(event)
    if (kind === null || !('recipientIndex' in event)) return null
    const { at, messageId, recipientIndex } = event
    const hit = hitIn(event)
    if (hit !== null && !this.#engagement.isFirst(hit)) return null
    const { delivered } = await this.#parts.wayOf(messageId, recipientIndex)
    return delivered && noteOfNews(kind, at, delivered, this.#parts.providerOf)
  }

  /** With what was read and is in no record yet: what a person asks is not as old as the last judgement. */
  shown(find: () => Promise<WarmUpRecord>): Promise<WarmUpRecord> {
    return this.#counter.look(async (counts) => {
      const record = await find()
      const warmUp = warmUpOf(record, this.#parts.rules())
      for (const note of notesOf(record, notesIn(counts))) tell(warmUp, note)
      return { ...record, signals: JSON.stringify(warmUp.signals.snapshot()) }
    })
  }

  /** Counts what was read, and lets every warm-up decide. */
  async judge(): Promise<void> {
    const { announce, records } = this.#parts
    const decided = await this.#write((warmUp) => warmUp.check(records.clock.now()))
    for (const { decision, source } of decided) await announce(source, decision)
    await this.#engagement.sweep(records.store, dayOf(records.clock.now()))
  }

  #write(decide: (warmUp: WarmUp) => readonly Decision[]): Promise<readonly Decided[]> {
    return this.#counter.write(async (store, counts) => {
      await store.engagement.note(
        counts.flatMap((count) => (count.kind === 'engaged' ? count.engaged : [])),
      )
      return await this.#writeAll(store, notesIn(counts), decide)
    })
  }

  async #writeAll(
    store: Store,
    notes: readonly WarmUpNote[],
    decide: (warmUp: WarmUp) => readonly Decision[],
  ): Promise<readonly Decided[]> {
    const byKey = Map.groupBy(notes, ({ provider, source }) => warmUpKey(source, provider))
    const decided: Decided[] = []
    for (const before of await store.warmUps.list()) {
      const warmUp = warmUpOf(before, this.#parts.rules())
      const position = warmUp.position
      const counted = notesOf(before, byKey.get(warmUpKey(before.source, before.provider)) ?? [])
      for (const note of counted) tell(warmUp, note)
      const decisions = decide(warmUp)
      decided.push(...decisions.map((decision) => ({ source: before.source, decision })))
      const isSame = counted.length + decisions.length === 0 && warmUp.position === position
      const now = this.#parts.records.clock.now()
      if (!isSame) await store.warmUps.put(recordOf(warmUp, before, decisions, now))
    }
    return decided
  }
}

function notesIn(counts: readonly Count[]): readonly WarmUpNote[] {
  return counts.flatMap((count) => (count.kind === 'signal' ? count.note : []))
}

/** What counts for one of them: that is no older than it. */
function notesOf(
  { provider, source, startedAt }: WarmUpRecord,
  notes: readonly WarmUpNote[],
): readonly WarmUpNote[] {
  return notes.filter(
    (note) => note.at >= startedAt && note.source === source && note.provider === provider,
  )
}

function tell({ signals }: WarmUp, { at, code, deliveredAt, kind }: WarmUpNote): void {
  if (kind === 'returned' && deliveredAt !== null) signals.noteReturned(at, deliveredAt)
  else signals.note(kind, at, 1, code)
}

/** A second after it began, so that what happened before it has been read. */
function untilNextSlice(now: number): DurationMs {
  const next = (Math.floor(now / warmUpLimits.sliceMs) + 1) * warmUpLimits.sliceMs
  return ms(instant(next) - now + 1_000)
}
