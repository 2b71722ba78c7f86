// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that counts, by the hour, what receivers answer to the mail of each tenant in each pool and what comes back, and every
 * few seconds lets those be judged who sent. What was counted and how far was read are written together.
 */
import { type Instant, ms } from '../../base/brand.ts'
import { standingLimits } from '../../base/limits/standing-limits.ts'
import type { Log } from '../../base/log.ts'
import { RecentMap } from '../../base/recent-map.ts'
import type { Event } from '../../events/event.ts'
import { type MessageId, receivedAtOf } from '../../events/ids.ts'
import { hourOf } from '../../queue/standing/standing.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import {
  noCounts,
  type StandingHour,
  type StandingPlace,
  standingKey,
} from '../../records/standing.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { type Counted, EventCounter } from '../counting/event-counter.ts'
import type { FindWay } from '../rates/way-of-mail.ts'
import type { StandingService } from './standing-service.ts'
import { newsIn, noteOfAnswer, type StandingNote, type Way, wayOf } from './standing-signals.ts'

export interface StandingViewParts {
  readonly feed: EventFeed
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly service: StandingService
  readonly wayOf: FindWay
  readonly log: Log
}

/** One answer, or one thing that came back. */
interface HourCount {
  readonly place: StandingPlace
  readonly hour: number
  readonly kind: StandingNote['kind']
}

/** Mail that a receiver took. */
interface Taken {
  readonly at: Instant
  readonly way: Way
}

type AboutRecipient = { readonly messageId: MessageId; readonly recipientIndex: number }

export class StandingsView {
  readonly #parts: StandingViewParts
  readonly #counter: EventCounter<HourCount>
  /** Up to where was read when somebody was last judged. */
  #judgedUntil: number | null = null
  /** Of whom something was counted since they were judged. */
  readonly #due = new Map<string, StandingPlace>()
  /** Mail that was taken, by message and recipient. */
  readonly #taken = new RecentMap<string, Taken>(standingLimits.deliveries)
  readonly #ways = new RecentMap<string, Way>(standingLimits.ways)
  #last: HourCount | null = null
  #judgedAllAt = Number.NEGATIVE_INFINITY

  constructor(parts: StandingViewParts) {
    this.#parts = parts
    this.#counter = new EventCounter({
      ...parts,
      view: 'standings',
      trouble: 'the standing of tenants cannot be judged now',
      countsOf: (event) => this.#countsOf(event),
      onAnew: () => {},
      most: standingLimits.pending,
      onFull: () => this.judge(),
    })
  }

  /** Until `signal` aborts; after a failure it goes on where it was. */
  follow(signal: AbortSignal): Promise<void> {
    return this.#counter.follow(
      () => ms(standingLimits.judgeEveryMs),
      () => this.judge(),
      signal,
    )
  }

  /** Counts one event. */
  hear(event: Event): Promise<void> {
    return this.#counter.hear([event], null)
  }

  #countsOf(event: Event): Counted<HourCount> {
    const note = this.#answerIn(event) ?? this.#newsOf(event)
    return note instanceof Promise
      ? note.then((found) => this.#counted(found))
      : this.#counted(note)
  }

  #counted(note: StandingNote | null): readonly HourCount[] {
    const place = note && this.#parts.service.neighbours.placeOf(note)
    if (note === null || place === null) return []
    const hour = hourOf(note.at)
    // Of a journal that is read for the first time, most is too old to be judged.
    if (hour <= hourOf(this.#parts.records.clock.now()) - standingLimits.longHours) return []
    return [this.#hourCount(place, hour, note.kind)]
  }

  /** One object for all that counts for the same: of most events that is what the last one counted for. */
  #hourCount(place: StandingPlace, hour: number, kind: HourCount['kind']): HourCount {
    const last = this.#last
    const isSame =
      last?.kind === kind &&
      last.hour === hour &&
      last.place.tenant === place.tenant &&
      last.place.pool === place.pool
    if (isSame) return last
    this.#last = { place, hour, kind }
    return this.#last
  }

  #answerIn(event: Event): StandingNote | null {
    const note = noteOfAnswer(event)
    if (note?.kind === 'delivered' && event.type === 'message.delivered')
      this.#taken.set(nameOf(event), { at: note.at, way: this.#sameWay(note) })
    return note
  }

  /** As one object for all mail that goes that way. */
  #sameWay({ campaign, domain, mx }: Way): Way {
    return this.#ways.ensure(`${domain} ${mx} ${campaign}`, () => ({ campaign, domain, mx }))
  }

  /** Writes what was counted, and judges whom it is about; all, once an hour. Who reads what is long past is not judged by a part of it. */
  async judge(): Promise<void> {
    const { records, service } = this.#parts
    await this.#write()
    const { latest } = this.#counter
    const isNew = latest !== null && latest !== this.#judgedUntil
    if (isNew && records.clock.now() - latest > standingLimits.behindMs) return
    this.#judgedUntil = latest
    const now = records.clock.monotonic()
    const isForAll = now - this.#judgedAllAt >= standingLimits.judgeAllEveryMs
    if (isForAll) this.#judgedAllAt = now
    const places = isForAll ? service.neighbours.places : [...this.#due.values()]
    this.#due.clear()
    for (const place of places) await service.judge(place)
  }

  async #write(): Promise<void> {
    if (this.#counter.isEmpty) return
    const rows = await this.#counter.write(async (store, counts) => {
      const rows = rowsOf(counts)
      await store.standingHours.add(rows)
      return rows
    })
    for (const { pool, tenant } of rows) this.#due.set(standingKey(tenant, pool), { tenant, pool })
  }

  /** About mail that went out before: when that was, and where to, is in its own events. */
  #newsOf(event: Event): Promise<StandingNote> | null {
    const kind = newsIn(event)
    return kind === null || !('recipientIndex' in event) ? null : this.#newsAbout(event, kind)
  }

  async #newsAbout(
    event: Extract<Event, AboutRecipient>,
    kind: StandingNote['kind'],
  ): Promise<StandingNote> {
    const { stream, tenant } = event
    const { at, way } = this.#taken.get(nameOf(event)) ?? (await this.#takenBefore(event))
    return { tenant, stream, kind, at, ...way }
  }

  /** Of mail of which nothing is kept: when it came, and what the event says. */
  async #takenBefore(event: Extract<Event, AboutRecipient>): Promise<Taken> {
    const { messageId, recipientIndex } = event
    const { delivered } = await this.#parts.wayOf(messageId, recipientIndex)
    const note = delivered && noteOfAnswer(delivered)
    return note === null
      ? { at: receivedAtOf(messageId), way: wayOf(event) }
      : { at: note.at, way: this.#sameWay(note) }
  }
}

function nameOf({ messageId, recipientIndex }: AboutRecipient): string {
  return `${messageId} ${recipientIndex}`
}

/** One for each hour of a tenant in a pool. */
function rowsOf(counts: readonly HourCount[]): readonly StandingHour[] {
  const rows = new Map<string, StandingHour>()
  for (const { hour, kind, place } of counts) {
    const key = `${standingKey(place.tenant, place.pool)} ${hour}`
    const row = rows.get(key) ?? { ...place, hour, ...noCounts }
    rows.set(key, { ...row, [kind]: row[kind] + 1 })
  }
  return [...rows.values()]
}
